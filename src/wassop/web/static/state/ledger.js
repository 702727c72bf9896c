// Which of a room's messages were seen, so that none is shown twice and none is forgotten.
//
// Everything up to `mark` was seen, and the numbers in `ahead`. What is asked for after a reconnect begins at
// `mark`, not at the highest number seen: the answer to a message of one's own may come before the smaller
// numbers of others.

export const EMPTY = Object.freeze({ mark: 0, ahead: Object.freeze([]) });

export const has = (ledger, seq) => seq <= ledger.mark || ledger.ahead.includes(seq);

/** Message `seq` was seen, too. */
export const noting = (ledger, seq) => (has(ledger, seq) ? ledger : closed(ledger.mark, [...ledger.ahead, seq]));

/** Nothing up to `seq` is missing any more, or ever will come. */
export const caughtUp = (ledger, seq) => (seq <= ledger.mark ? ledger : closed(seq, ledger.ahead));

/** What was seen after number `seq` may be called otherwise now. */
export const rolledBack = (ledger, seq) => ({ mark: Math.min(ledger.mark, seq), ahead: [] });

function closed(mark, ahead) {
  const numbers = new Set(ahead);
  while (numbers.has(mark + 1)) mark += 1;
  return { mark, ahead: ahead.filter((number) => number > mark) };
}
