import type { Refusal } from './refusal.ts';

/** Of operations: what the business does not allow. */
export const operationRefusals = {
  // Accounts and money
  unit_of_other_plan: {
    kind: 'unprocessable',
    en: 'The plan {plan} is charged in {own}: a balance in {unit} would never be used.',
    es: 'El plan {plan} se cobra en {own}: un saldo en {unit} nunca se usaría.',
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

  // Batches
  import_has_batch: {
    kind: 'conflict',
    en: 'This import has a batch already: {batchId}. Its people would be called twice as often.',
    es: 'Esta carga ya tiene un lote: {batchId}. Sus personas recibirían el doble de llamadas.',
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
  pack_not_chosen: {
    kind: 'unprocessable',
    en: 'The account has not chosen the rule pack "{key}".',
    es: 'La cuenta no ha elegido el paquete de reglas "{key}".',
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
  negotiation_at_once: {
    kind: 'conflict',
    en: 'Another version of "{key}" was stored at the same moment. Repeat the request.',
    es: 'Otra versión de "{key}" se guardó en el mismo momento. Repita la solicitud.',
  },
  negotiation_without_debts: {
    kind: 'unprocessable',
    en: 'Use case "{useCase}" has no debts to negotiate.',
    es: 'El caso de uso "{useCase}" no tiene deudas que negociar.',
  },
  negotiation_unknown: {
    kind: 'unprocessable',
    en: 'The account has no negotiation "{key}".',
    es: 'La cuenta no tiene la negociación "{key}".',
  },

  // Payments
  payer_missing: {
    kind: 'unprocessable',
    en: 'A national id or a reference is needed.',
    es: 'Falta el RUT o la referencia.',
  },
  reference_ambiguous: {
    kind: 'unprocessable',
    en: 'Several people have a debt "{reference}": say the national id.',
    es: 'Varias personas tienen la deuda "{reference}": indique el RUT.',
  },
  reference_unknown: {
    kind: 'unprocessable',
    en: 'No debt has the reference "{reference}".',
    es: 'Ninguna deuda tiene la referencia "{reference}".',
  },
  person_unknown: {
    kind: 'unprocessable',
    en: 'The account has no person "{nationalId}".',
    es: 'La cuenta no tiene a la persona "{nationalId}".',
  },
  national_id_invalid: {
    kind: 'unprocessable',
    en: '"{nationalId}" is no national id.',
    es: '"{nationalId}" no es un RUT válido.',
  },
  payment_differs: {
    kind: 'conflict',
    en: 'Payment "{externalId}" was recorded before with {amountEn}. A correction is a reversal and a new payment with another id.',
    es: 'El pago "{externalId}" ya se registró por {amountEs}. Para corregirlo, revierta ese pago y registre otro con otro identificador.',
  },
  payment_of_another: {
    kind: 'conflict',
    en: 'Payment "{externalId}" was recorded before for another person with {amountEn}. A correction is a reversal and a new payment with another id.',
    es: 'El pago "{externalId}" ya se registró para otra persona por {amountEs}. Para corregirlo, revierta ese pago y registre otro con otro identificador.',
  },
  currency_differs: {
    kind: 'unprocessable',
    en: 'The person has no debt in {currency}, only in {owed}.',
    es: 'La persona no tiene deudas en {currency}; tiene en {owed}.',
  },
  payment_unknown: {
    kind: 'not_found',
    en: 'There is no payment "{externalId}" to take back.',
    es: 'No existe el pago "{externalId}" que se quiere revertir.',
  },
  reversal_unnumbered: {
    kind: 'unprocessable',
    en: 'Part of a payment is taken back under a number of its own (`reversal_id`): the same number is the same reversal.',
    es: 'Para revertir una parte del pago indique un número propio de la reversa (`reversal_id`): el mismo número es la misma reversa.',
  },
  reversal_differs: {
    kind: 'conflict',
    en: 'Reversal "{reversalId}" was made before with {amountEn}.',
    es: 'La reversa "{reversalId}" ya se registró por {amountEs}.',
  },
  reversal_exceeds: {
    kind: 'unprocessable',
    en: 'Of payment "{externalId}" only {leftEn} can be taken back.',
    es: 'Del pago "{externalId}" solo se puede revertir {leftEs}.',
  },
  amount_implausible: {
    kind: 'unprocessable',
    en: '{amountEn} is more than ten times what the person was ever asked for ({owedEn}). Is a digit too many?',
    es: '{amountEs} es más de diez veces lo que se ha cobrado a la persona ({owedEs}). ¿Sobra algún dígito?',
  },
  paid_in_future: {
    kind: 'unprocessable',
    en: 'The payment is dated {day}, which has not come yet.',
    es: 'El pago tiene fecha {day}, que todavía no llega.',
  },
  paid_long_ago: {
    kind: 'unprocessable',
    en: 'The payment is dated {day}, more than five years ago. Is the year right?',
    es: 'El pago tiene fecha {day}, hace más de cinco años. ¿Está bien el año?',
  },
  amount_not_payable: {
    kind: 'unprocessable',
    en: 'This is no amount that can be paid in {currency}: it has more decimals than the currency has coins.',
    es: 'No es un monto que se pueda pagar en {currency}: tiene más decimales que los que la moneda usa.',
  },

  // Tools and webhooks of the account
  target_refused: { kind: 'unprocessable', en: 'The address {en}.', es: 'La dirección {es}.' },
  too_many_endpoints: {
    kind: 'conflict',
    en: 'An account has at most {most} endpoints in use. Disable one first.',
    es: 'Una cuenta tiene a lo más {most} direcciones en uso. Desactive una primero.',
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
  start_not_ahead: {
    kind: 'unprocessable',
    en: 'start must be a local day after today, like 2027-03-08.',
    es: 'start debe ser un día local posterior a hoy, como 2027-03-08.',
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
