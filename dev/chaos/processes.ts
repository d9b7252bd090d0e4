import { readdirSync, readFileSync } from 'node:fs';
import { signalQuietly } from '../stack/processes.ts';

/** A process and everything that it has started: PostgreSQL is one process a connection. Linux only; elsewhere itself. */
export function familyOf(pid: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const entry of entries()) {
    const parent = parentOf(entry);
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), entry]);
  }
  const family: number[] = [];
  const left = [pid];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    family.push(next);
    left.push(...(children.get(next) ?? []));
  }
  return family;
}

function entries(): readonly number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // After the name, which may hold spaces and brackets: state, parent.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}

/** Freezes a process with its children, so that nothing of it answers. Answers what thaws them. */
export function freeze(pid: number): () => void {
  const family = familyOf(pid);
  for (const member of family) signalQuietly(member, 'SIGSTOP');
  return () => {
    for (const member of [...family].reverse()) signalQuietly(member, 'SIGCONT');
  };
}

/** Resident memory in MB; undefined for a process that is gone. */
export function residentMb(pid: number): number | undefined {
  try {
    const kb = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kb === undefined ? undefined : Number(kb) / 1024;
  } catch {
    return undefined;
  }
}
