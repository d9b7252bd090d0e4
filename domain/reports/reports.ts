import { atOneInstant, type Database, databaseNow, type Trx } from '../../db/client.ts';
import { stateWords } from '../batches/rules/result-words.ts';
import { localDayOf } from '../policy/rules/calendar.ts';
import { ownAccount } from '../shared/queries-account.ts';
import { refuse } from '../shared/refused.ts';
import {
  type Dimension,
  type ReportScope,
  sumCalls,
  sumMessages,
  sumRefusals,
} from '../summaries/queries-summed.ts';
import { daysFrom, type WantedDays } from './days.ts';
import { nameBatches } from './queries-activity.ts';
import { batchesOf, countAgreements, countLoaded, countStates } from './queries-people.ts';
import {
  callsBy,
  costTable,
  type FunnelStep,
  funnelTable,
  refusalTables,
  stateTable,
  voiceBy,
} from './report-tables.ts';
import type { ReportName, ReportTable } from './rules/report.ts';

export interface WantedReport extends WantedDays {
  readonly batchId?: string | undefined;
  readonly useCase?: string | undefined;
  readonly zone?: string | undefined;
  readonly exact?: boolean | undefined;
}

/** A report by summaries. It names nobody. */
export interface Report {
  readonly name: ReportName;
  /** What it counts is what there was at this instant. */
  readonly asOf: Date;
  readonly exact: boolean;
  /** The account's. */
  readonly zone: string;
  readonly batch: { readonly id: string; readonly name: string } | null;
  readonly days: ReportScope['days'];
  readonly useCase: string | null;
  readonly zoneOfCalls: string | null;
  readonly tables: readonly ReportTable[];
}

interface Asked {
  readonly trx: Trx;
  readonly scope: ReportScope;
  readonly accountZone: string;
}

/**
 * A report of a batch, of some days, of a use case, of a time zone, or of what is all of them; of the last thirty days when neither a batch
 * nor days are named. All of it is of one instant. Throws `OperationRefused` for a batch that is not there and for days that no report can
 * have.
 */
export async function readReport(
  app: Database,
  accountId: string,
  name: ReportName,
  { batchId, useCase, zone, exact, ...wanted }: WantedReport,
): Promise<Report> {
  return atOneInstant(app, accountId, async (trx) => {
    const asOf = await databaseNow(trx);
    const { zone: accountZone } = await ownAccount(trx);
    const days = daysFrom(wanted, batchId === undefined, localDayOf(accountZone, asOf.getTime()));
    const [batch] = batchId === undefined ? [] : await nameBatches(trx, [batchId]);
    if (batchId !== undefined && batch === undefined) throw refuse('batch_not_found');
    const scope: ReportScope = {
      batchId: batchId ?? null,
      useCase: useCase ?? null,
      zone: zone ?? null,
      days,
      exact: exact ?? false,
    };
    return {
      name,
      asOf,
      exact: scope.exact,
      zone: accountZone,
      batch: batch === undefined ? null : { id: batch.id, name: batch.name },
      days,
      useCase: scope.useCase,
      zoneOfCalls: scope.zone,
      tables: await tablesOf[name]({ trx, scope, accountZone }),
    };
  });
}

const tablesOf: Readonly<Record<ReportName, (asked: Asked) => Promise<readonly ReportTable[]>>> = {
  overview,
  async batch(asked) {
    const { trx, scope } = asked;
    const [, ...rest] = await calls(asked, [[], ['day', 'wave'], ['outcome']]);
    const [waves = [], outcomes = []] = rest;
    return [
      ...(scope.batchId === null
        ? []
        : [
            stateTable(
              (await countStates(trx, scope.batchId)).map((one) => ({ ...one, es: stateWords[one.state] })),
            ),
          ]),
      ...(await tablesOf.funnel(asked)),
      callsBy('waves', 'Por día y tanda', ['day', 'wave'], waves),
      callsBy('outcomes', 'Por resultado', ['outcome'], outcomes),
      ...(await tablesOf.refusals(asked)).filter(({ key }) => key === 'rules'),
      ...(await tablesOf.costs(asked)),
    ];
  },
  async hours(asked) {
    const [grid = [], hours = [], days = []] = await calls(asked, [['weekday', 'hour'], ['hour'], ['day']]);
    return [
      callsBy('grid', 'Por día de la semana y hora', ['weekday', 'hour'], grid),
      callsBy('hours', 'Por hora', ['hour'], hours),
      callsBy('days', 'Por día', ['day'], days),
    ];
  },
  async waves(asked) {
    const [byDay = [], waves = [], outcomes = []] = await calls(asked, [
      ['day', 'wave'],
      ['wave'],
      ['wave', 'outcome'],
    ]);
    return [
      callsBy('waves', 'Por tanda', ['wave'], waves),
      callsBy('days', 'Por día y tanda', ['day', 'wave'], byDay),
      callsBy('outcomes', 'Por tanda y resultado', ['wave', 'outcome'], outcomes),
    ];
  },
  async funnel({ trx, scope, accountZone }) {
    const [[sums] = []] = await sumCalls(trx, scope, [[]]);
    const { agreed, kept } = await countAgreements(trx, scope, accountZone);
    // Nobody is loaded for a zone: it is known of a call.
    const loaded: readonly FunnelStep[] =
      scope.days !== null || scope.zone !== null
        ? []
        : [{ step: 'loaded', es: 'Cargadas', contacts: await countLoaded(trx, await batchesOf(trx, scope)) }];
    return [
      funnelTable([
        ...loaded,
        { step: 'called', es: 'Llamadas por primera vez', contacts: sums?.first_calls ?? 0n },
        { step: 'answered', es: 'Contestó una persona', contacts: sums?.first_answers ?? 0n },
        { step: 'identified', es: 'Identidad confirmada', contacts: sums?.first_identified ?? 0n },
        { step: 'agreed', es: 'Con acuerdo', contacts: agreed },
        { step: 'kept', es: 'Acuerdo cumplido', contacts: kept },
      ]),
    ];
  },
  async refusals({ trx, scope }) {
    return refusalTables(await sumRefusals(trx, scope));
  },
  async costs({ trx, scope, accountZone }) {
    const [byUnit = [], [sums] = []] = await sumCalls(trx, scope, [['unit'], []]);
    const messages = await sumMessages(trx, scope);
    const { agreed } = await countAgreements(trx, scope, accountZone);
    return [costTable(byUnit, messages, { contacts: sums?.first_calls ?? 0n, promises: agreed })];
  },
  async phones(asked) {
    const [phones = [], outcomes = []] = await calls(asked, [['main_phone'], ['main_phone', 'outcome']]);
    return [
      callsBy('phones', 'Principal y otros', ['main_phone'], phones),
      callsBy('outcomes', 'Por teléfono y resultado', ['main_phone', 'outcome'], outcomes),
    ];
  },
  async voice(asked) {
    const [totals = [], ends = [], days = []] = await calls(asked, [[], ['disconnection'], ['day']]);
    return [
      voiceBy('totals', 'Voz', [], totals),
      voiceBy('ends', 'Por cómo terminaron', ['disconnection'], ends),
      voiceBy('days', 'Por día', ['day'], days),
    ];
  },
};

async function overview(asked: Asked): Promise<readonly ReportTable[]> {
  const [totals = [], days = [], outcomes = []] = await calls(asked, [[], ['day'], ['outcome']]);
  return [
    voiceBy('totals', 'En total', [], totals),
    callsBy('days', 'Por día', ['day'], days),
    callsBy('outcomes', 'Por resultado', ['outcome'], outcomes),
    ...(await tablesOf.costs(asked)),
  ];
}

const calls = ({ trx, scope }: Asked, sets: readonly (readonly Dimension[])[]) => sumCalls(trx, scope, sets);
