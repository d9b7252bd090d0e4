import type { Invariant } from '../types.ts';

/** A field of the stored call against the provider's word for it: the SQL of both, and when they are compared. */
interface Field {
  readonly name: string;
  readonly stored: string;
  readonly told: string;
  readonly when?: string;
}

/** What was said of an erased person is nowhere, and the provider may still have it for a while. */
const said = 'c.erased_at is null';
const analysed = 'c.analysed_at is not null';
/** A late leg of a transfer is still to come while somebody will ask again, or the provider is not done. */
const costIsFinal = 'p.final and c.check_at is null';

const fields: readonly Field[] = [
  {
    name: 'motivo de término',
    stored: 'c.disconnection_reason',
    told: "nullif(q.call ->> 'disconnection_reason', '')",
  },
  { name: 'inicio', stored: ms('c.started_at'), told: whole("q.call ->> 'start_timestamp'") },
  { name: 'término', stored: ms('c.ended_at'), told: whole("q.call ->> 'end_timestamp'") },
  { name: 'duración', stored: 'c.duration_ms::numeric', told: whole("q.call ->> 'duration_ms'") },
  {
    name: 'segundos cobrables',
    stored: 'c.billable_seconds::numeric',
    told: "ceil((q.call #>> '{call_cost,total_duration_seconds}')::numeric)",
    when: costIsFinal,
  },
  {
    // A cent is 10,000 micro-dollars.
    name: 'costo',
    stored: 'c.provider_cost_micros::numeric',
    told: "round((q.call #>> '{call_cost,combined_cost}')::numeric * 10000)",
    when: costIsFinal,
  },
  {
    name: 'costo por producto',
    stored: `(select coalesce(sum((x ->> 'costMicros')::numeric), 0)
                from jsonb_array_elements(coalesce(c.provider_cost_products, '[]')) x)`,
    told: `(select coalesce(sum(round((x ->> 'cost')::numeric * 10000)), 0)
              from jsonb_array_elements(coalesce(q.call #> '{call_cost,product_costs}', '[]')) x)`,
    when: costIsFinal,
  },
  { name: 'grabación', stored: 'c.recording_url', told: text('recording_url'), when: said },
  {
    name: 'grabación multicanal',
    stored: 'c.recording_multi_channel_url',
    told: text('recording_multi_channel_url'),
    when: said,
  },
  { name: 'bitácora pública', stored: 'c.public_log_url', told: text('public_log_url'), when: said },
  { name: 'transcripción', stored: 'c.transcript', told: text('transcript'), when: said },
  {
    name: 'resumen',
    stored: 'c.summary',
    told: "nullif(q.call #>> '{call_analysis,call_summary}', '')",
    when: `${analysed} and ${said}`,
  },
  {
    name: 'sentimiento',
    stored: 'c.sentiment',
    told: "lower(q.call #>> '{call_analysis,user_sentiment}')",
    when: `${analysed} and ${said}`,
  },
  {
    name: 'éxito',
    stored: 'c.successful',
    told: "(q.call #>> '{call_analysis,call_successful}')::boolean",
    when: analysed,
  },
  {
    name: 'buzón de voz',
    stored: 'c.in_voicemail',
    told: "(q.call #>> '{call_analysis,in_voicemail}')::boolean",
    when: analysed,
  },
  { name: 'variables captadas', stored: 'c.captured', told: captured(), when: `${analysed} and ${said}` },
];

const differences = fields
  .map(
    ({ name, stored, told, when }) =>
      `case when ${when ?? 'true'} and ${stored} is distinct from ${told} then '${name}' end`,
  )
  .join(',\n               ');

/** What is stored of a call is what the provider has. */
export const results: readonly Invariant[] = [
  {
    name: 'results_equal_record',
    es: 'Lo guardado de cada llamada es lo que tiene el proveedor: término, duración, costo, grabación, análisis',
    en: "What is stored of a call equals the provider's record: end, duration, cost, recordings, analysis",
    needsRecord: true,
    settles: true,
    sql: `
      select c.attempt_id::text as subject,
             case
               when c.state <> 'ended' then
                 case when p.ended_at is not null and c.check_at is null
                      then 'terminó en el proveedor y nadie volverá a preguntar' end
               when q.ended_at is null then 'aquí terminó y en el proveedor sigue abierta'
               -- Of a call that nobody took there is nothing to analyse.
               when p.final and q.call ? 'duration_ms' and c.analysed_at is null and c.check_at is null then
                 'el análisis está en el proveedor y nadie volverá a preguntar por él'
               else (select 'difiere: ' || string_agg(field, ', ') from unnest(array[
               ${differences}]) field)
             end as breach
        from live_call c
        -- The record as it was before our rows were read says what they must know; after it, what they may know.
        join record_call q on q.call_id = c.provider_call_id and not q.is_before
        left join record_call p on p.call_id = q.call_id and p.is_before`,
  },
  {
    name: 'promise_as_captured',
    es: 'Cada promesa de pago es la captada, tiene monto y no está en el pasado',
    en: 'Every promise to pay is the captured one, has an amount and is not in the past',
    sql: `
      select c.attempt_id::text as subject,
             case
               when (c.outcome = 'promise') is distinct from (c.promise_date is not null) then
                 'resultado y promesa no coinciden'
               when c.promise_date is null then
                 case when c.analysed_at > c.signalled_at and c.captured ->> 'resultado' = 'compromiso_pago'
                       and c.captured ->> 'fecha_pago_cliente' >= (c.ended_at at time zone c.zone)::date::text
                       and c.captured ->> 'monto_pago_cliente' ~ '^[1-9][0-9]{0,14}$'
                       and (c.captured ->> 'monto_pago_cliente')::numeric * 1000000 <= d.owed
                      then 'captada en un análisis tardío y no anotada' end
               when coalesce(c.promise_micros, 0) <= 0 then 'promesa sin monto'
               when c.promise_date < (c.ended_at at time zone c.zone)::date then 'promesa en el pasado'
               when c.promise_date::text is distinct from btrim(c.captured ->> 'fecha_pago_cliente') then
                 'la fecha no es la captada'
               when c.promise_micros::numeric is distinct from
                    nullif(regexp_replace(c.captured ->> 'monto_pago_cliente', '\\D', '', 'g'), '')::numeric * 1000000
               then 'el monto no es el captado'
             end as breach
        from live_call c
        left join (select contact_id, sum(amount_micros) as owed from seen_debt group by 1) d
          on d.contact_id = c.attempt_contact_id
       where c.state = 'ended' and c.outcome is not null`,
  },
];

function ms(column: string): string {
  return `round(extract(epoch from ${column}) * 1000)`;
}

function whole(json: string): string {
  return `round((${json})::numeric)`;
}

function text(field: string): string {
  return `nullif(q.call ->> '${field}', '')`;
}

/** Scalars collected during the call, overruled by the analysis after it, as text. */
function captured(): string {
  return `(select coalesce(jsonb_object_agg(key, value), '{}')
             from (select distinct on (key) key, value #>> '{}' as value
                     from (select 1 as rank, e.* from jsonb_each(
                             coalesce(q.call -> 'collected_dynamic_variables', '{}')) e
                           union all
                           select 2, e.* from jsonb_each(
                             coalesce(q.call #> '{call_analysis,custom_analysis_data}', '{}')) e) source
                    where jsonb_typeof(value) in ('string', 'number', 'boolean') and value #>> '{}' <> ''
                    order by key, rank desc) named)`;
}
