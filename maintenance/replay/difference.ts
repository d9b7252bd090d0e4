import proto from '@temporalio/proto';

/** One execution that this code would live in another way. */
export interface Difference {
  readonly workflowId: string;
  readonly runId: string;
  /** Where in the history; null when the replayer's words do not say. */
  readonly eventId: number | null;
  /** What the history has there: 'TIMER_STARTED'. */
  readonly event: string | null;
  /** What the code does instead, in the replayer's words. */
  readonly command: string;
}

export type History = proto.temporal.api.history.v1.IHistory;
type HistoryEvent = proto.temporal.api.history.v1.IHistoryEvent;
const { EventType } = proto.temporal.api.enums.v1;

/** 'HistoryEvent(id: 11, TimerStarted)' */
const named = /HistoryEvent\(id: (\d+), \w+\)/;
/** 'Missing associated machine for LocalActivity(2)': the second of its kind that the code has not asked for. */
const counted = /associated machine for (\w+)\((\d+)\)/;

const eventOfMachine: Readonly<Record<string, number>> = {
  LocalActivity: EventType.EVENT_TYPE_MARKER_RECORDED,
  Timer: EventType.EVENT_TYPE_TIMER_STARTED,
  Activity: EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
  ChildWorkflowStart: EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED,
};

/** Reads the replayer's complaint. Its wording is the SDK's own, so whatever is not recognised is kept whole. */
export function readDifference(
  workflowId: string,
  runId: string,
  error: Error,
  history: History | undefined,
): Difference {
  const words = error.message.replace(/\s+/g, ' ').trim();
  const event = eventNamed(words, history);
  return {
    workflowId,
    runId,
    eventId: event === undefined ? null : Number(event.eventId),
    event: event === undefined ? null : nameOf(event.eventType),
    command: words.replace(/^.*?(?:Nondeterminism error: |message: ")/, '').replace(/", source: .*$/, ''),
  };
}

function eventNamed(words: string, history: History | undefined): HistoryEvent | undefined {
  const events = history?.events ?? [];
  const [, id] = named.exec(words) ?? [];
  if (id !== undefined) return events.find(({ eventId }) => String(eventId) === id);
  const [, machine, number] = counted.exec(words) ?? [];
  if (machine === undefined || number === undefined) return undefined;
  return events.filter(({ eventType }) => eventType === eventOfMachine[machine])[Number(number) - 1];
}

function nameOf(type: HistoryEvent['eventType']): string | null {
  if (type === null || type === undefined) return null;
  return String(EventType[type] ?? type).replace(/^EVENT_TYPE_/, '');
}
