"""The terminal client, `wassop join`: a pure state, a link that reconnects, and a full-screen face."""
