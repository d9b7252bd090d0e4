import type { Refusal } from './refusal.ts';

const gone = (en: string, es: string): Refusal => ({ kind: 'not_found', en: `There is no such ${en}.`, es });

/** Of requests, before any operation begins: their form, who sends them, and what is not there. */
export const requestRefusals = {
  // Requests
  invalid_request: {
    kind: 'invalid',
    en: 'The request does not fit its schema.',
    es: 'La solicitud no tiene la forma esperada.',
  },
  form_invalid: {
    kind: 'invalid',
    en: 'The form does not fit its schema.',
    es: 'El formulario no tiene la forma esperada.',
  },
  event_invalid: {
    kind: 'invalid',
    en: 'The event does not fit its schema.',
    es: 'El evento no tiene la forma esperada.',
  },
  unstorable_text: {
    kind: 'invalid',
    en: 'The text holds a NUL or half of a character, which is no text.',
    es: 'El texto contiene un NUL o la mitad de un carácter, que no es texto.',
  },
  too_deep: {
    kind: 'invalid',
    en: 'It is nested too deeply.',
    es: 'Tiene demasiados niveles.',
  },
  header_invalid: {
    kind: 'invalid',
    en: 'The header must be at most {longest} visible ASCII characters.',
    es: 'El encabezado debe tener a lo más {longest} caracteres ASCII visibles.',
  },
  amount_invalid: {
    kind: 'invalid',
    en: 'The amount must be above 0.',
    es: 'El monto debe ser mayor que 0.',
  },
  malformed_request: {
    kind: 'invalid',
    en: 'The request is malformed.',
    es: 'La solicitud está mal formada.',
  },
  unsupported_media_type: {
    kind: 'unsupported',
    en: 'The body must be JSON (content-type: application/json).',
    es: 'El cuerpo debe ser JSON (content-type: application/json).',
  },
  not_acceptable: {
    kind: 'not_acceptable',
    en: 'There is none of what `Accept` names: ask for {formats}, or name one by `format`.',
    es: 'No existe lo que pide `Accept`: pida {formats}, o indíquelo con `format`.',
  },
  too_many_results: {
    kind: 'too_many',
    en: 'At most {most} files of results are read at once by an account. Wait for one to end.',
    es: 'Una cuenta descarga a lo más {most} archivos de resultados a la vez. Espere a que termine uno.',
  },
  report_days_turned: {
    kind: 'invalid',
    en: 'The report begins on {from}, after its end on {to}.',
    es: 'El informe empieza el {from}, después de su fin el {to}.',
  },
  report_table_unknown: {
    kind: 'invalid',
    en: 'The report has no such table. It has: {tables}.',
    es: 'El informe no tiene esa tabla. Tiene: {tables}.',
  },
  report_too_long: {
    kind: 'unprocessable',
    en: 'A report has at most {most} days.',
    es: 'Un informe abarca a lo más {most} días.',
  },
  workbook_too_long: {
    kind: 'unprocessable',
    en: 'A sheet of Excel has at most {most} rows, and the batch has more contacts: ask for csv or ndjson.',
    es: 'Una hoja de Excel tiene a lo más {most} filas, y el lote tiene más contactos: pida csv o ndjson.',
  },
  body_too_large: {
    kind: 'too_large',
    en: 'The body is over {kilobytes} KB.',
    es: 'El cuerpo de la solicitud pesa más de {kilobytes} KB.',
  },
  too_many_requests: {
    kind: 'too_many',
    en: 'Too many requests. Repeat this one in {seconds} s.',
    es: 'Demasiadas solicitudes. Repita esta en {seconds} s.',
  },
  no_such_route: {
    kind: 'not_found',
    en: 'There is no such route. GET /docs lists them.',
    es: 'No existe esa ruta. GET /docs las enumera.',
  },
  method_not_allowed: {
    kind: 'wrong_method',
    en: 'This route takes {allowed}.',
    es: 'Esta ruta acepta {allowed}.',
  },
  idempotency_key_reused: {
    kind: 'conflict',
    en: 'This Idempotency-Key came before with another request. Use a new key for a new request.',
    es: 'Esta Idempotency-Key ya se usó con otra solicitud. Use una clave nueva para una solicitud nueva.',
  },
  secrets_key_missing: {
    kind: 'unavailable',
    en: 'SECRETS_KEY is not set: no secret can be kept or used. Whoever runs this server sets it.',
    es: 'SECRETS_KEY no está definida: no se pueden guardar ni usar secretos. La define quien opera este servidor.',
  },
  internal: {
    kind: 'internal',
    en: 'Something failed here. The request id names it in our log.',
    es: 'Algo falló de nuestro lado. El id de la solicitud lo identifica en nuestro registro.',
  },

  // What is not there, or not of this account: nobody is told which of the two
  account_not_found: gone('account', 'No existe esa cuenta.'),
  payment_not_found: gone('payment', 'No existe ese pago.'),
  agreement_not_found: gone('agreement', 'No existe ese acuerdo.'),
  message_not_found: gone('message', 'No existe ese mensaje.'),
  definition_not_found: gone('version of this key', 'No existe esa versión de esa clave.'),
  batch_not_found: gone('batch', 'No existe ese lote.'),
  contact_not_found: gone('contact', 'No existe ese contacto.'),
  delivery_not_found: gone('delivery or endpoint', 'No existe ese envío o esa dirección.'),
  endpoint_not_found: gone('endpoint', 'No existe esa dirección.'),
  holiday_not_found: gone('holiday', 'No existe ese feriado.'),
  import_not_found: gone('import', 'No existe esa carga.'),
  mcp_server_not_found: gone('MCP server', 'No existe ese servidor MCP.'),
  open_contact_not_found: gone('open contact', 'No existe ese contacto abierto.'),
  person_not_found: gone('person', 'No existe esa persona.'),
  nobody_by_that_name: {
    kind: 'not_found',
    es: 'No hay ningún contacto con «{who}»: indique un RUT, un teléfono o el id de un contacto.',
    en: 'No contact has "{who}": name a national id, a phone or the id of a contact.',
  },
  rehearsal_not_found: gone('rehearsal', 'No existe ese ensayo.'),
  table_file_not_found: gone('file', 'No existe ese archivo.'),
  privacy_request_not_found: gone('privacy request', 'No existe esa solicitud.'),
  task_not_found: gone('task', 'No existe esa tarea.'),

  // Uploads
  not_multipart: {
    kind: 'invalid',
    en: 'Send the file as multipart/form-data, in the field "file".',
    es: 'Envíe el archivo como multipart/form-data, en el campo "file".',
  },
  malformed_multipart: {
    kind: 'invalid',
    en: 'The multipart body is malformed: {detail}.',
    es: 'El cuerpo multipart está mal formado: {detail}.',
  },
  file_missing: { kind: 'invalid', en: 'The form has no field "file".', es: 'Falta el campo "file".' },
  file_too_large: {
    kind: 'too_large',
    en: 'The file is over {megabytes} MB. Split it into several.',
    es: 'El archivo pesa más de {megabytes} MB. Divídalo en varios.',
  },
  no_upload: {
    kind: 'invalid',
    en: 'Send a file as multipart/form-data, in the field "file", or rows as application/json or application/x-ndjson.',
    es: 'Envíe un archivo como multipart/form-data, en el campo "file", o filas como application/json o application/x-ndjson.',
  },
  no_sheet: {
    kind: 'invalid',
    en: 'Rows of JSON have no sheets.',
    es: 'Las filas en JSON no tienen hojas.',
  },
  malformed_json: {
    kind: 'invalid',
    en: 'The body is no JSON object of "rows" and short fields, each once, in UTF-8.',
    es: 'El cuerpo no es un objeto JSON de "rows" y campos cortos, cada uno una vez, en UTF-8.',
  },
  rows_too_large: {
    kind: 'too_large',
    en: 'The rows are over {megabytes} MB. Send them in several requests, or as a CSV file.',
    es: 'Las filas pesan más de {megabytes} MB. Envíelas en varias solicitudes, o como archivo CSV.',
  },
  too_many_uploads: {
    kind: 'unavailable',
    en: 'Other uploads are being read. Repeat the request.',
    es: 'Se están leyendo otras cargas. Repita la solicitud.',
  },

  // Webhooks and functions
  webhook_foreign: {
    kind: 'not_found',
    en: 'There is no such account, channel or call here.',
    es: 'Aquí no existe esa cuenta, ese canal o esa llamada.',
  },
  webhook_forged: {
    kind: 'unauthorised',
    en: 'The signature is missing, late, or does not fit the body.',
    es: 'La firma falta, llegó tarde o no corresponde al cuerpo.',
  },
  webhook_unsigned: {
    kind: 'unauthorised',
    en: 'The webhook carries no signature.',
    es: 'El webhook no trae firma.',
  },
  webhook_stale: {
    kind: 'unauthorised',
    en: 'The signature is too old.',
    es: 'La firma es demasiado antigua.',
  },
  webhook_malformed: { kind: 'invalid', en: 'The body is not JSON.', es: 'El cuerpo no es JSON.' },
  webhook_token: {
    kind: 'forbidden',
    en: 'The verify token is not the one configured here.',
    es: 'El token de verificación no es el configurado aquí.',
  },
  function_unsigned: {
    kind: 'unauthorised',
    en: 'The function carries no signature.',
    es: 'La función no trae firma.',
  },
  function_forged: {
    kind: 'unauthorised',
    en: 'The signature does not fit the body.',
    es: 'La firma no corresponde al cuerpo.',
  },
  function_stale: {
    kind: 'unauthorised',
    en: 'The signature is too old.',
    es: 'La firma es demasiado antigua.',
  },
  function_malformed: {
    kind: 'invalid',
    en: 'The body is not {name, call, args}.',
    es: 'El cuerpo no es {name, call, args}.',
  },
  function_foreign: {
    kind: 'not_found',
    en: 'No call of this account has that attempt.',
    es: 'Ninguna llamada de esta cuenta tiene ese intento.',
  },
  not_this_call: {
    kind: 'conflict',
    en: 'The call is not the one of this attempt.',
    es: 'La llamada no es la de este intento.',
  },
  call_over: { kind: 'conflict', en: 'The call is over.', es: 'La llamada terminó.' },
} as const satisfies Readonly<Record<string, Refusal>>;
