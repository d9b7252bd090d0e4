import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { startSecondDispatcher, workerThatDispatches } from './dispatchers.ts';
import { type Fault, type PlannedFault, WORKERS } from './faults.ts';
import type { Place } from './place.ts';
import { addFaults } from './witness.ts';

export interface Applied {
  readonly planned: PlannedFault;
  /** When it really was, wall clock. */
  readonly atMs: number;
  /** Why it could not be done: a stack that is down already has no process to pause. */
  readonly failure?: string;
}

export interface Faults {
  readonly applied: readonly Applied[];
  /** Until everything that was begun has been ended: thawed, unlocked, set right. */
  readonly done: Promise<void>;
}

/** Applies a schedule, counted from now. Faults may overlap: each has its own instant and its own end. */
export function applySchedule(
  place: Place,
  plan: readonly PlannedFault[],
  onApplied: (one: Applied) => void,
): Faults {
  const applied: Applied[] = [];
  const run = async (planned: PlannedFault): Promise<void> => {
    await sleep(planned.atMs);
    const atMs = Date.now();
    const note = (one: Applied): void => {
      applied.push(one);
      onApplied(one);
    };
    try {
      await apply(place, planned.fault);
      note({ planned, atMs });
    } catch (error) {
      note({ planned, atMs, failure: error instanceof Error ? error.message : String(error) });
    }
  };
  return { applied, done: Promise.all(plan.map(run)).then(() => undefined) };
}

async function apply(place: Place, fault: Fault): Promise<void> {
  switch (fault.kind) {
    case 'kill':
      return place.kill(fault.part);
    case 'measured_death': {
      const dispatching = await workerThatDispatches(place);
      const other = WORKERS.find((worker) => worker !== dispatching) ?? dispatching;
      return place.kill(fault.victim === 'dispatcher' ? dispatching : other);
    }
    case 'restart':
      return place.restart(fault.part);
    case 'pause': {
      const thaw = place.freeze(fault.part);
      await sleep(fault.forMs);
      return thaw();
    }
    case 'deploy':
      return place.deploy();
    case 'dials':
    case 'webhooks': {
      const { how: kind, count: times, ms } = fault;
      return addFaults(place, [{ kind, times, ...(ms === undefined ? {} : { ms }) }]);
    }
    case 'reads':
      return addFaults(place, [{ kind: 'error_on_read', times: fault.count }]);
    case 'clock':
      await place.moveClock(fault.part, fault.offsetMs);
      await sleep(fault.forMs);
      return place.moveClock(fault.part, 0);
    case 'connections':
      return takeConnections(place.databaseUrl, fault.forMs);
    case 'stall':
      return stall(place.databaseUrl, fault.forMs);
    case 'second_dispatcher':
      return startSecondDispatcher(place);
    default: {
      const unreachable: never = fault;
      return unreachable;
    }
  }
}

/** More than PostgreSQL has. */
const manyConnections = 220;

/** Whoever comes after them is refused. Those that are refused themselves show that the limit is reached. */
async function takeConnections(databaseUrl: string, forMs: number): Promise<void> {
  const clients: pg.Client[] = [];
  const take = async (): Promise<void> => {
    const client = new pg.Client({ connectionString: databaseUrl, options: '-c role=tandas_app' });
    client.on('error', () => undefined);
    await client.connect();
    clients.push(client);
  };
  try {
    await Promise.allSettled(Array.from({ length: manyConnections }, take));
    await sleep(forMs);
  } finally {
    await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
  }
}

async function stall(databaseUrl: string, forMs: number): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(
      "begin; set local lock_timeout = '5s'; lock table core.contact in access exclusive mode",
    );
    await sleep(forMs);
    await client.query('rollback');
  } finally {
    await client.end().catch(() => undefined);
  }
}
