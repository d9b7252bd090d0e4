import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Where text of others is read. What is in here and takes a text or something unknown is in the table, or has a reason. */
const rooms = [
  /^domain\/[^/]+\/rules\/.*\.ts$/,
  /^domain\/(usecases|imports|integrations|tools)\/(?!queries)[^/]+\.ts$/,
  /^domain\/people\/register\.ts$/,
  /^domain\/rehearsal\/report\/.*\.ts$/,
  /^domain\/calls\/in-call-money\.ts$/,
  /^channels\/.*\.ts$/,
  /^api\/(?!.*present\.ts$).*\.ts$/,
  /^outbound\/targets\.ts$/,
  /^observability\/(logger|tracing)\.ts$/,
];
const exported =
  /^export (?:async )?function\*? (\w+)(?:<[^(]*?>)?\(((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)/gm;
const takesText =
  /\b(?:string|unknown|Uint8Array|RawCell|SaidWish|Template|SignedNotification|CallFacts|Register)\b/;
/** What stands on rows or on the whole API reads nothing by itself. */
const standsOnMore = /\b(?:Trx|Database|Db|ApiDeps|Client)\b/;

/** Every exported function of these rooms that takes a text of whatever kind, as 'file#name'. */
export function listReaders(): readonly string[] {
  const files = ['api', 'channels', 'domain', 'observability', 'outbound']
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) =>
        join(folder, path),
      ),
    )
    .filter((path) => rooms.some((room) => room.test(path)))
    .toSorted();
  return files.flatMap((path) =>
    [...readFileSync(join(root, path), 'utf8').matchAll(exported)].flatMap(
      ([, name = '', parameters = '']) =>
        takesText.test(parameters) && !standsOnMore.test(parameters) ? [`${path}#${name}`] : [],
    ),
  );
}

/** What takes a text and reads none of others': by file or by function, with what it takes. */
export const noReaders: Readonly<Record<string, readonly string[]>> = {
  'mails of ours: what stands in them was bounded at its door': [
    'channels/mail/files.ts#mailsIn',
    'channels/mail/smtp.ts#asMessage',
    'channels/mail/smtp.ts#smtpAt',
    'domain/accounts/rules/mails.ts#phraseInvitation',
    'domain/accounts/rules/mails.ts#phraseReset',
    'domain/alerts/rules/alert-words.ts#phraseAlert',
    'domain/alerts/rules/alerts.ts#alertsOf',
    'domain/charging/rules/mails.ts#phraseOrdered',
    'domain/charging/rules/mails.ts#phraseSubscription',
  ],
  'codes, currencies, countries, keys and ids of ours, or of the catalogue': [
    'api/docs/references.ts#withReferences',
    'domain/recordings/rules/hosts.ts#isListedHost',
    'api/compat/states.ts#countJobs',
    'api/compat/states.ts#jobStateOf',
    'api/money.ts#presentMoney',
    'domain/accounts/rules/permissions.ts#isPermission',
    'domain/shared/rules/hints.ts#idsOf',
    'domain/shared/rules/hints.ts#isHintType',
    'domain/billing/rules/statement-month.ts#monthAt',
    'domain/charging/rules/clock.ts#dayOfMonth',
    'domain/charging/rules/clock.ts#periodEnd',
    'domain/charging/rules/quote.ts#coinMicros',
    'api/page.ts#pageOf',
    'channels/mercadopago/amounts.ts#toProviderAmount',
    'domain/contacts/rules/labels.ts#wordsNow',
    'domain/explain/rules/waiting.ts#waitingOf',
    'domain/imports/settled-remarks.ts#withSettled',
    'domain/contacts/rules/labels.ts#outcomeInWords',
    'domain/policy/rules/rule-words.ts#reasonInWords',
    'domain/policy/rules/rules-in-words.ts#packNameInWords',
    'domain/policy/rules/rules-in-words.ts#policyNameInWords',
    'domain/rehearsal/report/tables.ts#shortInstant',
    'domain/tasks/rules/labels.ts#taskInWords',
    'domain/shared/rules/written-instants.ts#instantInEnglish',
    'domain/shared/rules/written-instants.ts#instantInWords',
    'domain/shared/rules/written.ts#amountsInWords',
    'domain/shared/rules/written.ts#counted',
    'domain/shared/rules/written.ts#decimalNumber',
    'domain/contacts/rules/spoken-time/words.ts#phrasesOf',
    'domain/contacts/rules/spoken.ts#leastUnitMicros',
    'domain/contacts/rules/spoken.ts#sayAmount',
    'domain/imports/fields.ts#currencyOf',
    'domain/integrations/table-rows.ts#removalRows',
    'domain/imports/rules/message.ts#message',
    'domain/people/rules/phone.ts#isNumberOf',
    'domain/people/rules/place.ts#zoneOfCountry',
    'domain/policy/rules/packs/index.ts#findPack',
    'domain/policy/rules/zones.ts#zonesOf',
    'domain/shared/rules/channel-faults.ts#faultOfMessage',
    'domain/shared/rules/channel-faults.ts#faultOfRejection',
    'domain/shared/rules/currency.ts#decimalsOf',
    'domain/shared/rules/field-words.ts#isFieldCode',
    'domain/shared/rules/field-words.ts#phraseField',
    'domain/shared/rules/money.ts#moneyOf',
    'domain/temporal/rules/ids.ts#importWorkflowId',
    'domain/temporal/rules/ids.ts#rehearsalSlug',
    'domain/temporal/rules/ids.ts#rehearsalWorkflowId',
    'domain/usecases/outcome.ts#readUnanswered',
    'domain/usecases/registry.ts#useCaseByKey',
    'observability/tracing.ts#inSpan',
    'observability/tracing.ts#spanIdOf',
  ],
  'days, zones and numbers that a reader has made': [
    'api/contacts/masked.ts#callFor',
    'domain/contacts/rules/reschedule-words.ts#sayInstant',
    'domain/contacts/rules/reschedule-words.ts#sayWish',
    'domain/contacts/rules/spoken.ts#sayDay',
    'domain/contacts/rules/spoken.ts#sayDayFrom',
    'domain/negotiation/rules/instalments.ts#addDays',
    'domain/negotiation/rules/instalments.ts#daysBetween',
    'domain/negotiation/rules/offers.ts#lastDayOf',
    'domain/negotiation/rules/offers.ts#plan',
    'domain/negotiation/rules/offers.ts#promise',
    'domain/negotiation/rules/stage.ts#chooseStage',
    'domain/negotiation/rules/stage.ts#daysLate',
    'domain/negotiation/rules/words.ts#sayOffer',
    'domain/negotiation/rules/words.ts#sayRefused',
    'domain/negotiation/rules/words.ts#sayTerms',
    'domain/people/register.ts#registerLine',
    'domain/people/rules/place.ts#zoneOfLandline',
    'domain/policy/rules/calendar.ts#legalWindowsOfDay',
    'domain/policy/rules/calendar.ts#localDayOf',
    'domain/policy/rules/calendar.ts#localMinute',
    'domain/policy/rules/calendar.ts#startOfDayAfter',
    'domain/policy/rules/calendar.ts#startOfNextWeek',
    'domain/policy/rules/calendar.ts#startOfWeek',
    'domain/policy/rules/holidays.ts#holdingIn',
    'domain/policy/rules/holidays.ts#holidayNameOn',
    'domain/policy/rules/holidays.ts#publicHolidays',
    'domain/policy/rules/overlays.ts#withOverlays',
    'domain/shared/rules/plain-text.ts#isIn',
    'domain/policy/rules/zones.ts#isKnownState',
    'domain/privacy/rules/clock.ts#daysAfter',
    'domain/privacy/rules/clock.ts#extendedLastDay',
    'domain/privacy/rules/clock.ts#isWorkingDay',
    'domain/privacy/rules/clock.ts#lastDay',
    'domain/privacy/rules/clock.ts#legalCalendar',
    'domain/usecases/variables.ts#earliestDay',
  ],
  'definitions and reports that were checked when they were stored': [
    'domain/policy/rules/parse.ts#parseNegotiation',
    'domain/policy/rules/parse.ts#parsePack',
    'domain/policy/rules/parse.ts#parsePolicy',
    'domain/policy/rules/shape.ts#field',
    'domain/policy/rules/shape.ts#oneOf',
    'domain/policy/rules/shape.ts#record',
    'domain/policy/rules/shape.ts#union',
    'domain/rehearsal/report/parse.ts#parseReport',
  ],
  'cells that were bounded at their door, padded to one width': [
    'domain/shared/rules/text-table.ts#textTable',
  ],
  'seeds of a rehearsal, hashed': [
    'domain/rehearsal/rules/chance.ts#chance',
    'domain/rehearsal/rules/chance.ts#chancesOf',
    'domain/rehearsal/rules/person.ts#capturedOf',
    'domain/rehearsal/rules/person.ts#population',
  ],
  'put together once, from the configuration or from routes': [
    'api/limits.ts#createDoorkeeper',
    'api/parameters.ts#servedName',
    'api/schemas.ts#json',
    'channels/charging.ts#openCharging',
    'channels/mercadopago/mercado-pago.ts#mercadoPagoAt',
    'channels/stripe/charging.ts#stripeClient',
    'channels/whatsapp/webhook.ts#signAsMeta',
    'channels/whatsapp/whatsapp.ts#whatsAppAt',
    'observability/logger.ts#createLogger',
    'observability/tracing.ts#createTracing',
    'domain/tools/tools.ts#asTemplate',
    'domain/tools/tools.ts#tokenUse',
  ],
  'whole files and bodies, in a thread with bounds of its own (test/unit/imports/guard.test.ts), or by the readers of their parts':
    [
      'api/field-errors.ts#fieldErrors',
      'domain/imports/errors.ts#damaged',
      'domain/imports/row-notes.ts#isOwnCompany',
      'domain/imports/row-notes.ts#saidOfPerson',
      'domain/imports/row-problems.ts#pointerOf',
      'domain/usecases/other-headers.ts#ofOthersWords',
      'domain/imports/guard.ts#guardUpload',
      'domain/imports/csv-encoding.ts#detectEncoding',
      'domain/imports/read-csv.ts#readCsv',
      'domain/imports/read-json.ts#readJson',
      'domain/imports/read-workbook.ts#readWorkbook',
      'domain/imports/read-workbook.ts#workbookReader',
      'domain/imports/readable.ts#readable',
      'domain/imports/row-phones.ts#phonesOfRow',
      'domain/imports/rules/cells.ts#isError',
      'domain/imports/rules/cells.ts#isFormula',
      'domain/imports/rules/cells.ts#isList',
      'domain/imports/rules/cells.ts#isMoment',
      'domain/imports/rules/cells.ts#isPercent',
      'domain/imports/rules/cells.ts#isRefused',
      'domain/imports/run-import.ts#cancelImport',
      'domain/imports/store-portion.ts#storePortion',
      'domain/imports/workbook-parts.ts#readFrame',
      'domain/imports/xml.ts#readXml',
      'domain/imports/zip.ts#openZip',
      'domain/integrations/table-rows.ts#problemOf',
      'domain/tools/config.ts#askServer',
      'domain/tools/schema-check.ts#misfitOf',
      'domain/usecases/client-headers.ts#clientHeaders',
      'domain/usecases/headers.ts#matchHeaders',
    ],
};
