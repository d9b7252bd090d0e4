import { isId } from '../../domain/shared/rules/ids.ts';
import { readForm } from '../../api/imports/form.ts';
import { boundaryOf, MultipartError, readMultipart } from '../../api/imports/multipart.ts';
import { uploadFieldsSchema } from '../../api/imports/schemas.ts';
import { sentFormatOf } from '../../api/imports/upload-rows.ts';
import { clientAddress } from '../../api/limits.ts';
import { isMachine } from '../../api/links/routes.ts';
import { methodsAt } from '../../api/methods.ts';
import { parseMicros } from '../../api/money.ts';
import { requireKnown } from '../../api/parameters.ts';
import { waitMsOf } from '../../api/prefer.ts';
import { Problem } from '../../api/problems.ts';
import { acceptedFormat } from '../../api/results/formats.ts';
import { createRouter } from '../../api/router.ts';
import { fromProviderAmount } from '../../channels/mercadopago/amounts.ts';
import { chargingReaders } from './readers-charging.ts';
import { isSignedByMercadoPago } from '../../channels/mercadopago/webhook.ts';
import { asId, asObject, asText, NotACallError, normaliseRetellCall } from '../../channels/retell/call.ts';
import { verifyRetellFunction } from '../../channels/retell/function.ts';
import { refuseSignature, verifyRetellWebhook } from '../../channels/retell/webhook.ts';
import { channelFault, failureClass } from '../../channels/whatsapp/errors.ts';
import {
  isSignedByMeta,
  isTokenOfAccount,
  readMessages,
  readPreferences,
  readStatuses,
} from '../../channels/whatsapp/webhook.ts';
import { monthOf } from '../../domain/billing/rules/statement-month.ts';
import { textOf } from '../../domain/calls/in-call-money.ts';
import { readDisconnection } from '../../domain/calls/rules/disconnection.ts';
import { checkLastDigits } from '../../domain/calls/rules/identity.ts';
import { parseCallEnded, parseContactFact } from '../../domain/contacts/rules/parse-fact.ts';
import { chooseWish } from '../../domain/contacts/rules/reschedule-slot.ts';
import { readUnits } from '../../domain/contacts/rules/spoken.ts';
import { patternOf, without } from '../../domain/privacy/rules/traces.ts';
import { asksToStop } from '../../domain/people/rules/asks-to-stop.ts';
import { meaningOf } from '../../domain/contacts/rules/spoken-time/meaning.ts';
import { tokensOf } from '../../domain/contacts/rules/spoken-time/words.ts';
import { readWish } from '../../domain/contacts/rules/wish.ts';
import { keptName } from '../../domain/imports/names.ts';
import { decodeLine } from '../../domain/imports/csv-encoding.ts';
import { CsvRecords, unwrapped } from '../../domain/imports/csv-records.ts';
import { detectDelimiter } from '../../domain/imports/read-csv.ts';
import { looksGarbled } from '../../domain/people/rules/garbled.ts';
import {
  cellText,
  cleanText,
  cutText,
  isBlank,
  shownValue,
  textWithin,
} from '../../domain/imports/rules/cells.ts';
import { isTrue, unescaped } from '../../domain/imports/workbook-parts.ts';
import { localName } from '../../domain/imports/xml.ts';
import { isSignedInbound } from '../../domain/integrations/inbound.ts';
import { isDay } from '../../domain/negotiation/rules/instalments.ts';
import { registerCsv } from '../../domain/people/register.ts';
import { maskName, maskNationalId, maskPhone } from '../../domain/people/rules/masking.ts';
import { normaliseDate } from '../../domain/people/rules/date.ts';
import { normaliseMoney } from '../../domain/people/rules/money.ts';
import { chileanNumber } from '../../domain/people/rules/chile-phone.ts';
import { chileanPlace } from '../../domain/people/rules/chile-place.ts';
import { plainWords, unaccented } from '../../domain/shared/rules/plain-text.ts';
import { dayInWords } from '../../domain/shared/rules/written.ts';
import { ruleInSpanish } from '../../domain/policy/rules/rule-words.ts';
import { foreignId } from '../../domain/people/rules/foreign-id.ts';
import { nameOfDead, notToCall } from '../../domain/people/rules/not-to-call.ts';
import { givenName, wholeName } from '../../domain/people/rules/name.ts';
import { normaliseNationalId } from '../../domain/people/rules/national-id.ts';
import { normalisePhone, normalisePhones } from '../../domain/people/rules/phone.ts';
import { readWorkflowId } from '../../domain/temporal/rules/ids.ts';
import { normaliseCountry, normaliseZone, zoneOfPlace } from '../../domain/people/rules/place.ts';
import { usState } from '../../domain/people/rules/us-states.ts';
import {
  normaliseCurrency,
  normaliseEmail,
  normaliseInteger,
  normaliseText,
} from '../../domain/people/rules/text.ts';
import { readInstant } from '../../domain/policy/rules/explain.ts';
import { rulePacks } from '../../domain/policy/rules/packs/index.ts';
import { zonesOf } from '../../domain/policy/rules/zones.ts';
import { escape } from '../../domain/shared/rules/markdown.ts';
import { isChannelFault, isFault } from '../../domain/shared/rules/channel-faults.ts';
import { csvCell, csvLine } from '../../domain/shared/rules/csv.ts';
import { parseHint } from '../../domain/shared/rules/hints.ts';
import { placeholdersOf } from '../../domain/shared/rules/refusals.ts';
import { storableJson, storableStart, storableText, unstorable } from '../../domain/shared/rules/storable.ts';
import { fill, fillAll, linkValues, unknownPlaceholders } from '../../domain/tools/arguments.ts';
import { placeOfRow } from '../../domain/imports/row-place.ts';
import { headerWords } from '../../domain/usecases/header-words.ts';
import { normaliseHeader, variableName } from '../../domain/usecases/headers.ts';
import { otherHeaders } from '../../domain/usecases/other-headers.ts';
import {
  capturedResult,
  readCollection,
  readConversation,
  readResult,
} from '../../domain/usecases/outcome.ts';
import { detect } from '../../domain/usecases/registry.ts';
import { joinedVariables, spokenList } from '../../domain/usecases/variables.ts';
import { outerReaders } from './readers-outer.ts';
import { cell, field, header, malformed, type Reader, run, said } from './reader.ts';

const zones = zonesOf('CL', null, 'Metropolitana');
const nowMs = Date.parse('2027-03-08T12:00:00Z');
const [pack] = rulePacks;
if (pack === undefined) throw new Error('no rule pack ships');
const calendar = { pack, zones, nowMs };
let written = { text: '', body: '' };
/** Written once for the runs of one text: writing it takes far longer than any reader of it. */
const json = (text: string): string => {
  if (written.text !== text)
    written = { text, body: JSON.stringify({ entry: [{ changes: [{ value: text }] }], call: text }) };
  return written.body;
};
const routes = createRouter()
  .get('/payments/:id', (c) => c.text(''))
  .post('/payments/new', (c) => c.text(''));
const key = 'a key';
const inbound = { id: '1', timestamp: '1700000000', signature: 'v1,x' };
const facts = { disconnectionClass: 'answered', callEndedAtMs: nowMs, localDate: '2027-03-08' } as const;
const registerRow = {
  at: new Date(nowMs),
  kind: 'call',
  reference: 'a1',
  channel: 'phone',
  number: null,
  state: null,
  outcome: null,
  disconnection_reason: null,
  human: null,
  duration_ms: null,
  reason: null,
  rule: null,
  pack: null,
  contact_id: null,
  requested: false,
  waived: [],
  failure: null,
} as const;

async function readBody(text: string): Promise<void> {
  const body = async function* (): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(Buffer.from(`--b\r\nContent-Disposition: form-data; ${text}\r\n\r\n`));
  };
  for await (const _ of readMultipart(body(), 'b'));
}

/** Each reader of text that somebody else wrote. */
/** A person with everything that is looked for. */
const traces = patternOf({
  nationalId: '12345678-5',
  phones: ['+56961234567'],
  emails: ['a@a.cl'],
  names: ['Ana Ana Ana'],
});

export const readers: Readonly<Record<string, Reader>> = {
  'domain/shared/rules/ids.ts#isId': header(isId),
  'api/imports/form.ts#readForm': {
    ...field((text) => readForm(uploadFieldsSchema, { creditor: text, [text]: text })),
    mayThrow: (error) => error instanceof Problem,
  },
  'api/imports/multipart.ts#boundaryOf': header((text) => boundaryOf(`multipart/form-data; ${text}`)),
  'api/imports/multipart.ts#readMultipart': {
    most: 15 * 1024,
    read: readBody,
    mayThrow: (error) => error instanceof MultipartError,
  },
  'api/imports/upload-rows.ts#sentFormatOf': header(sentFormatOf),
  'api/limits.ts#clientAddress': header((text) => clientAddress('::1', text, 2)),
  'api/links/routes.ts#isMachine': header((text) => isMachine(text, new Headers())),
  'api/methods.ts#methodsAt': header((text) => methodsAt(routes, `/payments/${text}`)),
  'api/money.ts#parseMicros': field(parseMicros),
  'api/parameters.ts#requireKnown': {
    ...header((text) => requireKnown([text], ['state'])),
    mayThrow: (error) => error instanceof Problem,
  },
  'api/prefer.ts#waitMsOf': header(waitMsOf),
  'api/results/formats.ts#acceptedFormat': {
    ...header(acceptedFormat),
    mayThrow: (error) => error instanceof Problem,
  },
  'channels/mercadopago/amounts.ts#fromProviderAmount': field(fromProviderAmount),
  'channels/mercadopago/webhook.ts#isSignedByMercadoPago': header((text) =>
    isSignedByMercadoPago({ dataId: text, requestId: text, signature: `ts=1,v1=${text}` }, key),
  ),
  ...chargingReaders,
  'channels/retell/call.ts#normaliseRetellCall': {
    most: 256 * 1024,
    read: (text) =>
      normaliseRetellCall({
        call_id: 'c',
        transcript: text,
        disconnection_reason: text,
        from_number: text,
        to_number: text,
        recording_url: text,
        collected_dynamic_variables: { monto_pago_cliente: text, [text]: text },
        call_analysis: { call_summary: text, user_sentiment: text },
        metadata: { attempt_id: text },
      }),
    mayThrow: (error) => error instanceof NotACallError,
  },
  'channels/retell/call.ts#asId': field(asId),
  'channels/retell/call.ts#asObject': field((text) => asObject({ [text]: text })),
  'channels/retell/call.ts#asText': field(asText),
  'channels/retell/function.ts#verifyRetellFunction': run((text) =>
    verifyRetellFunction(json(text), `v=1,d=${text}`, key),
  ),
  'channels/retell/webhook.ts#refuseSignature': header((text) => refuseSignature('{}', text, key)),
  'channels/retell/webhook.ts#verifyRetellWebhook': header((text) => verifyRetellWebhook('{}', text, key)),
  'channels/whatsapp/errors.ts#failureClass': field((text) => failureClass(text, 400)),
  'channels/whatsapp/errors.ts#channelFault': field((text) => channelFault(text, 400)),
  'channels/whatsapp/webhook.ts#isSignedByMeta': header((text) =>
    isSignedByMeta(Buffer.from('{}'), text, key),
  ),
  'channels/whatsapp/webhook.ts#isTokenOfAccount': header((text) => isTokenOfAccount(text, key)),
  'channels/whatsapp/webhook.ts#readStatuses': run((text) => {
    const status = { id: text, status: 'failed', timestamp: text, errors: [{ code: text, title: text }] };
    const whole = { ...status, timestamp: '1764855000', biz_opaque_callback_data: text };
    return readStatuses({ entry: [{ changes: [{ value: { statuses: [status, whole] } }] }] });
  }),
  'channels/whatsapp/webhook.ts#readMessages': run((text) =>
    readMessages({
      entry: [
        {
          changes: [
            { value: { messages: [{ id: text, from: text, text: { body: text }, context: { id: text } }] } },
          ],
        },
      ],
    }),
  ),
  'channels/whatsapp/webhook.ts#readPreferences': run((text) =>
    readPreferences({
      entry: [
        { changes: [{ value: { user_preferences: [{ wa_id: text, value: 'stop', timestamp: text }] } }] },
      ],
    }),
  ),
  'domain/people/rules/asks-to-stop.ts#asksToStop': run(asksToStop),
  'domain/privacy/rules/traces.ts#without': run((text) => without({ [text]: [text] }, traces ?? '')),
  'domain/calls/in-call-money.ts#textOf': said(textOf),
  'domain/calls/rules/disconnection.ts#readDisconnection': field((text) => readDisconnection(text)),
  'domain/calls/rules/identity.ts#checkLastDigits': said((text) => checkLastDigits('12345678-5', text)),
  'domain/contacts/rules/parse-fact.ts#parseContactFact': {
    ...said((text) => parseContactFact({ type: 'RescheduleWished', requestId: text, wish: { date: text } })),
    mayThrow: malformed,
  },
  'domain/contacts/rules/parse-fact.ts#parseCallEnded': {
    ...said((text) => parseCallEnded({ attemptId: text, outcome: text, rang: true, human: false })),
    mayThrow: malformed,
  },
  'domain/contacts/rules/reschedule-slot.ts#chooseWish': said((text) => [
    chooseWish(calendar, { text }),
    chooseWish(calendar, { at: text }),
    chooseWish(calendar, { day: text, time: text }),
  ]),
  'domain/contacts/rules/spoken.ts#readUnits': said(readUnits),
  'domain/contacts/rules/spoken-time/meaning.ts#meaningOf': said((text) =>
    (['text', 'day', 'time'] as const).map((place) => meaningOf([{ text, place }], nowMs, zones[0])),
  ),
  'domain/contacts/rules/spoken-time/words.ts#tokensOf': said(tokensOf),
  'domain/contacts/rules/wish.ts#readWish': said((text) => [
    readWish({ text }, nowMs, zones[0]),
    readWish({ day: text, time: text }, nowMs, zones[0]),
  ]),
  'domain/imports/csv-encoding.ts#decodeLine': run((text) => [
    decodeLine(Buffer.from(text, 'latin1'), 'utf-8+windows-1252'),
    decodeLine(Buffer.from(text), 'cp850'),
  ]),
  'domain/imports/csv-records.ts#unwrapped': run((text) => {
    // Also as one line of a file, and as many lines of it.
    const records = new CsvRecords({ delimiter: ';', columns: 4, isWrapped: false, maxRecord: 256 * 1024 });
    records.add([text, ...text.slice(0, 2_000).split('')], []);
    return [unwrapped(text), [...records.take(true)].length];
  }),
  'domain/imports/names.ts#keptName': run(keptName),
  'domain/billing/rules/statement-month.ts#monthOf': header((text) => monthOf(text, 'America/Santiago')),
  'domain/people/rules/masking.ts#maskName': run(maskName),
  'domain/shared/rules/hints.ts#parseHint': header(parseHint),
  'domain/people/rules/masking.ts#maskNationalId': run(maskNationalId),
  'domain/people/rules/masking.ts#maskPhone': run(maskPhone),
  'domain/imports/read-csv.ts#detectDelimiter': { most: 64 * 1024, read: detectDelimiter },
  'domain/imports/rules/cells.ts#cellText': run(cellText),
  'domain/imports/rules/cells.ts#cleanText': run(cleanText),
  'domain/imports/rules/cells.ts#cutText': run(cutText),
  'domain/imports/rules/cells.ts#isBlank': run(isBlank),
  'domain/imports/rules/cells.ts#shownValue': run(shownValue),
  'domain/imports/rules/cells.ts#textWithin': run((text) => textWithin(text, 60)),
  'domain/imports/workbook-parts.ts#isTrue': run(isTrue),
  'domain/imports/workbook-parts.ts#unescaped': run(unescaped),
  'domain/imports/xml.ts#localName': run(localName),
  'domain/integrations/inbound.ts#isSignedInbound': field((text) => {
    const secret = `whsec_${Buffer.alloc(24).toString('base64')}`;
    const signature = text.slice(0, 2_000);
    return isSignedInbound(secret, text, { ...inbound, signature });
  }),
  'domain/negotiation/rules/instalments.ts#isDay': said(isDay),
  'domain/people/register.ts#registerCsv': cell((text) =>
    registerCsv({
      person: { id: 'p', name: text, national_id: null, country: 'CL' },
      zone: 'UTC',
      rows: [{ ...registerRow, batch: text }],
    }),
  ),
  'domain/people/rules/chile-phone.ts#chileanNumber': cell(chileanNumber),
  'domain/people/rules/chile-place.ts#chileanPlace': cell((text) => [
    chileanPlace(text, 'comuna'),
    chileanPlace(text, 'region'),
  ]),
  'domain/shared/rules/plain-text.ts#plainWords': cell(plainWords),
  'domain/shared/rules/plain-text.ts#unaccented': cell(unaccented),
  'domain/people/rules/foreign-id.ts#foreignId': cell((text) =>
    ['PE', 'CO'].map((country) => foreignId(text, country)),
  ),
  'domain/people/rules/name.ts#givenName': cell(givenName),
  'domain/people/rules/name.ts#wholeName': cell((text) => wholeName(text, [text, text])),
  'domain/people/rules/us-states.ts#usState': cell(usState),
  'domain/people/rules/date.ts#normaliseDate': cell(normaliseDate),
  'domain/people/rules/garbled.ts#looksGarbled': run(looksGarbled),
  'domain/people/rules/not-to-call.ts#nameOfDead': cell(nameOfDead),
  'domain/people/rules/not-to-call.ts#notToCall': cell((text) => notToCall(text, text)),
  'domain/people/rules/money.ts#normaliseMoney': cell((text) => normaliseMoney(text, 'CLP')),
  'domain/people/rules/national-id.ts#normaliseNationalId': cell((text) =>
    ['CL', 'PE', 'CO', 'US', 'AR'].map((country) => [
      normaliseNationalId(text, country),
      normaliseNationalId(text, country, text),
      normaliseNationalId('12345678', country, text),
    ]),
  ),
  'domain/people/rules/phone.ts#normalisePhone': cell((text) =>
    ['CL', 'AR', 'US'].map((country) => normalisePhone(text, country)),
  ),
  'domain/people/rules/phone.ts#normalisePhones': cell((text) =>
    ['CL', 'AR', 'US'].map((country) => normalisePhones(text, country)),
  ),
  'domain/temporal/rules/ids.ts#readWorkflowId': cell(readWorkflowId),
  'domain/people/rules/place.ts#normaliseCountry': cell(normaliseCountry),
  'domain/people/rules/place.ts#normaliseZone': cell(normaliseZone),
  'domain/people/rules/place.ts#zoneOfPlace': cell((text) =>
    ['CL', 'US', 'MX'].map((country) => zoneOfPlace(text, country)),
  ),
  'domain/people/rules/text.ts#normaliseCurrency': cell((text) => normaliseCurrency(text, 'CLP')),
  'domain/people/rules/text.ts#normaliseEmail': cell(normaliseEmail),
  'domain/people/rules/text.ts#normaliseInteger': cell(normaliseInteger),
  'domain/people/rules/text.ts#normaliseText': cell((text) => normaliseText(text, 120)),
  'domain/policy/rules/explain.ts#readInstant': field((text) => readInstant(text, zones)),
  'domain/shared/rules/markdown.ts#escape': cell(escape),
  'domain/shared/rules/channel-faults.ts#isFault': field(isFault),
  'domain/shared/rules/channel-faults.ts#isChannelFault': field(isChannelFault),
  'domain/shared/rules/refusals.ts#placeholdersOf': field(placeholdersOf),
  'domain/shared/rules/csv.ts#csvCell': cell(csvCell),
  'domain/policy/rules/rule-words.ts#ruleInSpanish': cell(ruleInSpanish),
  'domain/shared/rules/written.ts#dayInWords': cell(dayInWords),
  'domain/shared/rules/csv.ts#csvLine': cell((text) => csvLine([text, text])),
  'domain/shared/rules/storable.ts#storableJson': run((text) => storableJson({ [text]: [text] })),
  'domain/shared/rules/storable.ts#storableStart': run((text) => storableStart(text, 2_000)),
  'domain/shared/rules/storable.ts#storableText': run(storableText),
  'domain/shared/rules/storable.ts#unstorable': field((text) => unstorable({ [text]: [text] })),
  'domain/tools/arguments.ts#fill': field((text) => fill(text, linkValues)),
  'domain/tools/arguments.ts#fillAll': field((text) => fillAll({ a: [text] }, linkValues)),
  'domain/tools/arguments.ts#unknownPlaceholders': field((text) => unknownPlaceholders(text, linkValues)),
  'domain/imports/row-place.ts#placeOfRow': cell((text) =>
    ['CL', 'US', 'AR'].map((country) => placeOfRow({ city: text, region: text, state: text }, country)),
  ),
  'domain/usecases/header-words.ts#headerWords': cell(headerWords),
  'domain/usecases/headers.ts#normaliseHeader': cell(normaliseHeader),
  'domain/usecases/other-headers.ts#otherHeaders': cell((text) =>
    otherHeaders([text, 'RUT APODERADO', 'CURSO'], () => undefined),
  ),
  'domain/usecases/headers.ts#variableName': cell(variableName),
  'domain/usecases/outcome.ts#capturedResult': said((text) => capturedResult({ resultado: text })),
  'domain/usecases/outcome.ts#readCollection': said((text) =>
    readCollection({ ...facts, captured: { fecha_pago_cliente: '2027-03-10', monto_pago_cliente: text } }),
  ),
  'domain/usecases/outcome.ts#readConversation': said((text) =>
    readConversation({ ...facts, captured: { resultado: text } }),
  ),
  'domain/usecases/outcome.ts#readResult': said((text) => readResult({ resultado: text })),
  'domain/usecases/registry.ts#detect': cell((text) => detect([text, `${text} 2`, 'RUT'])),
  'domain/usecases/variables.ts#joinedVariables': cell((text) =>
    joinedVariables([{ variables: { a: text } }, { variables: { a: `${text}x` } }], []),
  ),
  'domain/usecases/variables.ts#spokenList': cell((text) => spokenList([text, `${text}x`])),
  ...outerReaders,
};
