import type { AlertDetail, AlertKind } from './alerts.ts';

export interface AlertWords {
  readonly es: string;
  readonly en: string;
}

const number = (detail: AlertDetail, name: string): number => Number(detail[name] ?? 0);

/** One or many, in Spanish and English. */
const people = (count: number): AlertWords =>
  count === 1 ? { es: '1 persona', en: '1 person' } : { es: `${count} personas`, en: `${count} people` };

/** An alert as whoever answers for the account reads it: what is so, and what to do. Names nobody. */
export function alertWords(kind: AlertKind, detail: AlertDetail): AlertWords {
  switch (kind) {
    case 'balance_low': {
      const hours = number(detail, 'hours');
      return {
        es: `Al ritmo del último día el saldo alcanza para unas ${hours} horas. Abone saldo para que las llamadas no se detengan.`,
        en: `At the pace of the last day the balance lasts some ${hours} hours. Top it up, so that calls do not stop.`,
      };
    }
    case 'calls_without_credit': {
      const { es, en } = people(number(detail, 'contacts'));
      return {
        es: `El saldo no alcanza para llamar a ${es}. Siguen solas cuando se abone.`,
        en: `The balance does not cover the call of ${en}. They go on when it is topped up.`,
      };
    }
    case 'batch_over_budget': {
      const { es, en } = people(number(detail, 'contacts'));
      return {
        es: `Un lote llegó a su presupuesto: ${es} en espera de una llamada. Súbalo para seguir, o cancele el lote.`,
        en: `A batch has reached its budget: the next call of ${en} waits. Raise it to go on, or cancel the batch.`,
      };
    }
    case 'batch_finished': {
      const { es, en } = people(number(detail, 'contacts'));
      return { es: `Un lote terminó: ${es}.`, en: `A batch has ended: ${en}.` };
    }
    case 'tasks_waiting': {
      const tasks = number(detail, 'tasks');
      return tasks === 1
        ? { es: 'Una tarea espera hace más de un día.', en: 'A task has waited for more than a day.' }
        : {
            es: `${tasks} tareas esperan hace más de un día.`,
            en: `${tasks} tasks have waited for more than a day.`,
          };
    }
    case 'dispute_opened':
      return {
        es: 'Una persona disputa su deuda: no se le llama hasta que alguien resuelva su tarea.',
        en: 'Somebody disputes their debt: they are not called until somebody resolves the task.',
      };
    case 'endpoint_dead': {
      const deliveries = number(detail, 'deliveries');
      return {
        es: `Un receptor de eventos no respondió y se dejó de intentar (${deliveries} en el último día). Revíselo y reenvíelos.`,
        en: `A receiver of events did not answer, and was given up (${deliveries} in the last day). Mend it, and send them again.`,
      };
    }
    default: {
      const unreachable: never = kind;
      return unreachable;
    }
  }
}

/** The mail about one. */
export function phraseAlert(
  kind: AlertKind,
  detail: AlertDetail,
  account: string,
): { readonly subject: string; readonly body: string } {
  const { es, en } = alertWords(kind, detail);
  const title: Readonly<Record<AlertKind, AlertWords>> = {
    balance_low: { es: 'queda poco saldo', en: 'the balance is low' },
    calls_without_credit: { es: 'llamadas sin saldo', en: 'calls without balance' },
    batch_over_budget: { es: 'un lote llegó a su presupuesto', en: 'a batch reached its budget' },
    batch_finished: { es: 'un lote terminó', en: 'a batch has ended' },
    tasks_waiting: { es: 'tareas por resolver', en: 'tasks wait' },
    dispute_opened: { es: 'una deuda en disputa', en: 'a debt is disputed' },
    endpoint_dead: { es: 'un receptor no responde', en: 'a receiver does not answer' },
  };
  return {
    subject: `Tandas · ${account}: ${title[kind].es} / ${title[kind].en}`,
    body: `${es}\n\n--\n${en}\n`,
  };
}
