import type { Refusal } from './refusal.ts';

/** Of operations: what the business does not allow. */
export const operationRefusals = {
  // Accounts and money
  unit_of_other_plan: {
    kind: 'unprocessable',
    en: 'The plan {plan} is charged in {own}: a balance in {unit} would never be used.',
    es: 'El plan {plan} se cobra en {own}: un saldo en {unit} nunca se usaría.',
  },
  no_month: {
    kind: 'unprocessable',
    en: 'Name a month as YYYY-MM, for example 2026-11.',
    es: 'Indique un mes como AAAA-MM, por ejemplo 2026-11.',
  },
  statement_too_long: {
    kind: 'unprocessable',
    en: 'The month has more than {most} rows of charges, which is no document to read: ask for xlsx or json.',
    es: 'El mes tiene más de {most} filas de cargos, que no caben en un documento legible: pida xlsx o json.',
  },
  month_to_come: {
    kind: 'unprocessable',
    en: 'This month has not begun: the newest is {month}.',
    es: 'Ese mes aún no comienza: el último es {month}.',
  },
  reference_reused: {
    kind: 'conflict',
    en: 'This reference was booked with another amount. Nothing was booked now.',
    es: 'Esta referencia ya se registró con otro monto. Ahora no se registró nada.',
  },
  channel_incomplete: {
    kind: 'unprocessable',
    en: 'The channel {kind} cannot work like this.',
    es: 'El canal {kind} no puede funcionar así.',
  },

  // Imports and batches
  import_not_stored: {
    kind: 'conflict',
    en: 'This import is {state}: a batch is made of one that is stored.',
    es: 'Esta carga está {state}: un lote se hace de una guardada.',
  },
  too_many_imports: {
    kind: 'too_many',
    en: '{most} files wait to be read. Send this one when the first of them is done.',
    es: 'Ya hay {most} archivos en espera de ser leídos. Envíe este cuando termine el primero.',
  },
  import_over: {
    kind: 'conflict',
    en: 'This import is {state}: only one under way can be cancelled.',
    es: 'Esta carga está {state}: solo una en curso se puede cancelar.',
  },
  import_has_batch: {
    kind: 'conflict',
    en: 'This import has a batch already: {batchId}. Another one would call its people as often again; if that is meant, upload the file with again=true.',
    es: 'Esta carga ya tiene un lote: {batchId}. Otro llamaría a sus personas otra vez; si eso se quiere, cargue el archivo con again=true.',
  },
  settled_unclear: {
    kind: 'conflict',
    en: '{people} people of this import may have paid already (the first in row {row}), and without the number of the debt only you can know it: say `settled`, `leave_out` or `call`.',
    es: '{people} personas de esta carga pueden haber pagado ya (la primera en la fila {row}), y sin el número de la deuda solo usted puede saberlo: indique `settled`, `leave_out` (no llamar) o `call` (llamar).',
  },
  use_case_differs: {
    kind: 'conflict',
    en: 'The import is of {useCase}, the batch of {ofBatch}: its people would be spoken to as somebody else.',
    es: 'La carga es de {useCase} y el lote de {ofBatch}: a sus personas se les hablaría de otra cosa.',
  },
  batch_finished: { kind: 'conflict', en: 'The batch is finished.', es: 'El lote ya terminó.' },
  batch_cancelled: { kind: 'conflict', en: 'The batch is cancelled.', es: 'El lote ya fue cancelado.' },
  batch_paused: {
    kind: 'conflict',
    en: 'The batch is paused: its contacts cannot be called again.',
    es: 'El lote está en pausa: sus contactos no se llaman de nuevo.',
  },
  pool_unknown: {
    kind: 'unprocessable',
    en: 'The account has no line pool "{key}", only: {names}.',
    es: 'La cuenta no tiene las líneas "{key}"; tiene: {names}.',
  },
  pool_needed: {
    kind: 'unprocessable',
    en: "Name one of the account's line pools: {names}.",
    es: 'Indique una de las líneas de la cuenta: {names}.',
  },
  pool_missing: {
    kind: 'unprocessable',
    en: 'The account has no line pool.',
    es: 'La cuenta no tiene líneas.',
  },
  policy_unknown: {
    kind: 'unprocessable',
    en: 'There is no policy "{key}".',
    es: 'No existe la política "{key}".',
  },
  policy_simulated_only: {
    kind: 'unprocessable',
    en: 'Policy "{key}" is only for a provider that rings nobody.',
    es: 'La política "{key}" es solo para el proveedor simulado.',
  },
  pack_unknown: {
    kind: 'unprocessable',
    en: 'There is no rule pack "{key}", only: {known}.',
    es: 'No existe el paquete "{key}"; hay: {known}.',
  },
  no_pack_chosen: {
    kind: 'unprocessable',
    en: 'The account has chosen no rule pack yet. Whoever runs the installation chooses it: npm run account -- pack --account ID --pack PACK.',
    es: 'La cuenta aún no ha elegido un paquete de reglas. Lo elige quien administra la instalación: npm run account -- pack --account ID --pack PAQUETE.',
  },
  pack_not_chosen: {
    kind: 'unprocessable',
    en: 'The account has not chosen the rule pack "{key}". Whoever runs the installation chooses it: npm run account -- pack --account ID --pack {key}.',
    es: 'La cuenta no ha elegido el paquete de reglas "{key}". Lo elige quien administra la instalación: npm run account -- pack --account ID --pack {key}.',
  },
  pack_not_signed_off: {
    kind: 'unprocessable',
    en: 'Rule pack "{key}" is looser than the strict reading of the law and needs the account\'s recorded sign-off.',
    es: 'El paquete "{key}" es más laxo que la lectura estricta de la ley: falta la aprobación firmada de la cuenta.',
  },
  pack_simulated_only: {
    kind: 'unprocessable',
    en: 'Rule pack "{key}" is only for a provider that rings nobody.',
    es: 'El paquete "{key}" es solo para el proveedor simulado.',
  },
  pack_of_other_country: {
    kind: 'unprocessable',
    en: 'Rule pack "{key}" is for {country}, and the import has people of {countries}.',
    es: 'El paquete "{key}" es de {country} y la carga tiene personas de {countries}.',
  },
  sign_off_needed: {
    kind: 'unprocessable',
    en: 'Rule pack "{key}" is looser than the strict reading of the law: say who signs it off.',
    es: 'El paquete "{key}" es más laxo que la lectura estricta de la ley: indique quién lo firma.',
  },
  caller_id: {
    kind: 'unprocessable',
    en: 'The caller id of pool "{pool}" must start with one of {prefixes} under rule pack "{key}".',
    es: 'El número de origen de "{pool}" debe comenzar con uno de {prefixes} según el paquete "{key}".',
  },
  import_empty: {
    kind: 'unprocessable',
    en: 'The import has no good row.',
    es: 'La carga no tiene filas buenas.',
  },
  zone_unknown: {
    kind: 'unprocessable',
    en: 'The import has people of {country} without a time zone, and the zones of {country} are not known.',
    es: 'La carga tiene personas de {country} sin zona horaria, y las zonas de {country} no se conocen.',
  },

  // Contacts and people
  contact_planned: {
    kind: 'conflict',
    en: "The contact waits for its batch's daily cohort and has no call to change yet.",
    es: 'El contacto espera su turno del día y todavía no tiene una llamada que cambiar.',
  },
  contact_closed: {
    kind: 'conflict',
    en: 'The contact is closed. POST {retry} opens it again.',
    es: 'El contacto está cerrado. POST {retry} lo abre de nuevo.',
  },
  contact_open: {
    kind: 'conflict',
    en: 'The contact is open: there is nothing to repeat. Use /reschedule to move its next call.',
    es: 'El contacto está abierto: no hay nada que repetir. Use /reschedule para mover su próxima llamada.',
  },
  not_allowed_then: { kind: 'unprocessable', en: 'Not allowed: {en}.', es: 'No se permite: {es}.' },
  not_allowed_then_near: {
    kind: 'unprocessable',
    en: 'Not allowed: {en}. Nearest: {near}.',
    es: 'No se permite: {es}. Lo más cercano: {near}.',
  },
  do_not_call: {
    kind: 'unprocessable',
    en: 'The person asked not to be called.',
    es: 'La persona pidió no ser llamada.',
  },
  person_blocked: {
    kind: 'unprocessable',
    en: 'The person asked for their data to be blocked.',
    es: 'La persona pidió bloquear sus datos.',
  },
  phone_invalid: {
    kind: 'unprocessable',
    en: '"{phone}" is no phone number.',
    es: '"{phone}" no es un teléfono.',
  },
  holiday_open: {
    kind: 'unprocessable',
    en: 'Only the installation can open a day that the law closes: npm run holidays.',
    es: 'Solo la instalación puede abrir un día que la ley cierra: npm run holidays.',
  },
  holiday_known: {
    kind: 'conflict',
    en: '{day} is in the calendar already.',
    es: '{day} ya está en el calendario.',
  },
  task_of_request: {
    kind: 'conflict',
    en: 'The task ends with the answer to its request (privacy_request_id).',
    es: 'La tarea termina con la respuesta a su solicitud (privacy_request_id).',
  },
  task_resolved: {
    kind: 'conflict',
    en: 'The task was resolved before as "{resolution}".',
    es: 'La tarea ya se resolvió como "{resolution}".',
  },

  // Explanations
  zone_invalid: {
    kind: 'unprocessable',
    en: 'There is no time zone "{zone}".',
    es: 'No existe la zona horaria "{zone}".',
  },
  zone_needed: {
    kind: 'unprocessable',
    en: 'The zones of {country} are not known: name one.',
    es: 'Las zonas de {country} no se conocen: indique una.',
  },
  country_needed: {
    kind: 'unprocessable',
    en: 'Pack {pack} is of no country: name one.',
    es: 'El paquete {pack} no es de ningún país: indique uno.',
  },
  at_invalid: {
    kind: 'unprocessable',
    en: '"{at}" is no instant in {zone}: it should be like 2027-03-08T20:30, or with an offset.',
    es: '"{at}" no es una hora en {zone}: debe ser como 2027-03-08T20:30, o con su desfase.',
  },

  // Negotiations
  negotiation_invalid: {
    kind: 'unprocessable',
    en: 'The negotiation is not valid: {faultsEn}.',
    es: 'La negociación no es válida: {faultsEs}.',
  },
  agent_unknown: {
    kind: 'unprocessable',
    en: 'That agent is not of this account. The operator of the installation gives it to the account first: npm run account -- agents.',
    es: 'Ese agente no es de esta cuenta. Primero, quien opera la instalación se lo asigna a la cuenta: npm run account -- agents.',
  },
  negotiation_at_once: {
    kind: 'conflict',
    en: 'Another version of "{key}" was stored at the same moment. Repeat the request.',
    es: 'Otra versión de "{key}" se guardó en el mismo momento. Repita la solicitud.',
  },
  negotiation_without_debts: {
    kind: 'unprocessable',
    en: 'Use case "{useCase}" has no debts to negotiate.',
    es: 'El caso de uso {useCase} no tiene deudas que negociar.',
  },
  negotiation_unknown: {
    kind: 'unprocessable',
    en: 'The account has no negotiation "{key}".',
    es: 'La cuenta no tiene la negociación "{key}".',
  },

  // Tools and webhooks of the account
  target_refused: { kind: 'unprocessable', en: 'The address {en}.', es: 'La dirección {es}.' },
  too_many_endpoints: {
    kind: 'conflict',
    en: 'An account has at most {most} endpoints in use. Disable one first.',
    es: 'Una cuenta tiene a lo más {most} direcciones en uso. Desactive una primero.',
  },
  endpoint_url_taken: {
    kind: 'conflict',
    en: 'There is an endpoint at this address already. Change the types that it wants by deleting and making it anew.',
    es: 'Ya existe un destino con esta dirección. Para cambiar sus tipos, elimínelo y créelo de nuevo.',
  },
  endpoint_disabled: {
    kind: 'conflict',
    en: 'The endpoint is disabled: enable it first.',
    es: 'El destino está desactivado: actívelo primero.',
  },
  too_many_tests: {
    kind: 'too_many',
    en: 'An endpoint takes at most {most} test events a minute.',
    es: 'Un destino recibe a lo más {most} eventos de prueba por minuto.',
  },
  name_taken: {
    kind: 'conflict',
    en: 'There is an MCP server called "{name}" already. Change it, or choose another name.',
    es: 'Ya existe un servidor MCP llamado "{name}". Modifíquelo o elija otro nombre.',
  },
  mcp_server_silent: {
    kind: 'unprocessable',
    en: 'The MCP server "{name}" gave no list of tools: {detail}',
    es: 'El servidor MCP "{name}" no entregó su lista de herramientas: {detail}',
  },
  tool_unknown: {
    kind: 'unprocessable',
    en: 'The server has no tool "{tool}"; there are: {known}.',
    es: 'El servidor no tiene la herramienta "{tool}"; hay: {known}.',
  },
  argument_unknown: {
    kind: 'unprocessable',
    en: 'No value is called {unknown}; there are: {known}.',
    es: 'No existe el valor {unknown}; hay: {known}.',
  },
  arguments_misfit: {
    kind: 'unprocessable',
    en: 'The arguments do not fit the tool: {misfit}.',
    es: 'Los argumentos no calzan con la herramienta: {misfit}.',
  },
  schema_under_way: {
    kind: 'too_many',
    en: 'Another binding of the account is being tried. Repeat the request.',
    es: 'Se está probando otra herramienta de la cuenta. Repita la solicitud.',
  },
  schema_too_slow: {
    kind: 'unprocessable',
    en: "The tool's schema takes more than {seconds} seconds to check: simplify its patterns.",
    es: 'El esquema de la herramienta tarda más de {seconds} segundos en revisarse: simplifique sus patrones.',
  },
  schema_unchecked: {
    kind: 'unprocessable',
    en: "The tool's schema cannot be checked: {detail}.",
    es: 'El esquema de la herramienta no se puede revisar: {detail}.',
  },
  secret_of_other_purpose: {
    kind: 'unprocessable',
    en: 'The secret "{name}" is not for a tool: PUT one to /api/v1/secrets/… with the purpose "tool", and name that.',
    es: 'El secreto "{name}" no es para una herramienta: guarde otro con PUT /api/v1/secrets/… y el propósito "tool".',
  },
  secret_of_other_host: {
    kind: 'unprocessable',
    en: 'The secret "{name}" is for {host}: store its value under another name, and name that.',
    es: 'El secreto "{name}" es para {host}: guarde su valor con otro nombre e indique ese.',
  },
  name_reserved: {
    kind: 'unprocessable',
    en: 'The name "{name}" is of what comes with the product: choose another.',
    es: 'El nombre "{name}" está reservado para lo que trae el producto: elija otro.',
  },
  webhook_secret_invalid: {
    kind: 'unprocessable',
    en: 'The secret of inbound webhooks must be base64 of 16 bytes or more, as whsec_… (Standard Webhooks).',
    es: 'El secreto de los webhooks entrantes debe ser base64 de 16 bytes o más, como whsec_… (Standard Webhooks).',
  },
  secret_unknown: {
    kind: 'unprocessable',
    en: 'There is no secret "{name}": PUT it to /api/v1/secrets/{name} first.',
    es: 'No existe el secreto "{name}"; guárdelo primero con PUT /api/v1/secrets/{name}.',
  },

  // Rehearsals
  too_many_contacts: {
    kind: 'unprocessable',
    en: 'A rehearsal takes up to {most} contacts, and the import has {contacts}: use npm run forecast.',
    es: 'Un ensayo admite hasta {most} contactos y la carga tiene {contacts}: use npm run forecast.',
  },
  too_many_rehearsals: {
    kind: 'too_many',
    en: 'The account has {most} rehearsals under way, which is the most. Wait for one to end.',
    es: 'La cuenta tiene {most} ensayos en curso, que es el máximo. Espere a que termine uno.',
  },
  start_not_ahead: {
    kind: 'unprocessable',
    en: 'start must be a local day after today, like 2027-03-08.',
    es: 'start debe ser un día local posterior a hoy, como 2027-03-08.',
  },
  start_too_late: {
    kind: 'unprocessable',
    en: 'start may be at most {years} years away.',
    es: 'start puede estar a lo más a {years} años.',
  },
  time_skipping_off: {
    kind: 'unavailable',
    en: 'This Temporal server does not skip time: set frontend.WorkflowTimeSkippingEnabled and frontend.WorkflowTimeSkippingMaxSkipPerSession (server 1.32 or newer), or rehearse on the local stack.',
    es: 'Este servidor de Temporal no adelanta el tiempo: configure frontend.WorkflowTimeSkippingEnabled y frontend.WorkflowTimeSkippingMaxSkipPerSession (servidor 1.32 o posterior), o ensaye en el entorno local.',
  },
  rehearsal_expired: {
    kind: 'gone',
    en: 'The rehearsal has expired: what it left is kept for 7 days. Rehearse again (POST /api/v1/rehearsals, or npm run rehearse) with the same import and seed {seed}.',
    es: 'El ensayo ha vencido: lo que dejó se guarda 7 días. Vuelva a ensayar (POST /api/v1/rehearsals o npm run rehearse) con la misma carga y la semilla {seed}.',
  },
  rehearsal_running: {
    kind: 'conflict',
    en: 'The rehearsal has not ended yet.',
    es: 'El ensayo aún no termina.',
  },
  rehearsal_failed: {
    kind: 'conflict',
    en: 'The rehearsal failed: {failure}.',
    es: 'El ensayo falló: {failure}.',
  },

  // Temporal
  temporal_unavailable: {
    kind: 'unavailable',
    en: 'Temporal, or a worker behind it, did not answer in time. Repeat the request.',
    es: 'Temporal, o un worker detrás de él, no respondió a tiempo. Repita la solicitud.',
  },
  no_worker_of_build: {
    kind: 'unavailable',
    en: 'No worker with TANDAS_BUILD_ID="{buildId}" has connected (known builds: {known}).',
    es: 'Ningún worker con TANDAS_BUILD_ID="{buildId}" se ha conectado (conocidos: {known}).',
  },
} as const satisfies Readonly<Record<string, Refusal>>;
