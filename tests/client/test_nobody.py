"""What is told where nobody listens."""

import socket

import pytest

from wassop.client.nobody import nobody_there
from wassop.locale import translations


@pytest.mark.parametrize(
    ("server", "error", "line"),
    [
        (
            "127.0.0.1",
            OSError(),
            "No hay ningún servidor en 127.0.0.1:5555. Para poner uno en marcha: wassop serve",
        ),
        (
            "[::1]:6000",
            None,
            "No hay ningún servidor en [::1]:6000. Para poner uno en marcha: wassop serve --port 6000",
        ),
        (
            "chat.invalid",
            socket.gaierror(-2, "Name or service not known"),
            "chat.invalid: esa dirección no existe",
        ),
    ],
)
def test_the_line_says_how_to_start_a_server_there(server: str, error: OSError | None, line: str) -> None:
    assert nobody_there(server, error, translations("es")) == line
