/** The other end of `Guardian`: one line per watched process, then the end of the pipe. */
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import { endProcess, isAlive } from './processes.ts';

const PATIENCE_MS = 10_000;
const watched = new Map<number, NodeJS.Signals>();
let dismissed = false;

for await (const line of createInterface({ input: process.stdin })) {
  const [first = '', signal = ''] = line.split(' ');
  if (first === 'dismissed') dismissed = true;
  else if (isSignal(signal)) watched.set(Number(first), signal);
  // Forgotten once dead: its id may belong to somebody else when our turn comes.
  for (const pid of watched.keys()) if (!isAlive(pid)) watched.delete(pid);
}
if (!dismissed) {
  // The newest first: the API and the worker go before the servers that they talk to.
  for (const [pid, stopSignal] of [...watched].reverse()) await endProcess(pid, stopSignal, PATIENCE_MS);
}

function isSignal(text: string): text is NodeJS.Signals {
  return Object.hasOwn(constants.signals, text);
}
