import type { Refusal } from './refusal.ts';

/** What is refused of requests about people's data. */
export const privacyRefusals = {
  person_under_way: {
    kind: 'conflict',
    en: 'A call or a message of this person is under way, or the provider has not told all of it yet. Erase again when it has ended.',
    es: 'Hay una llamada o un mensaje de esta persona en curso, o el proveedor aún no informa todo. Elimine de nuevo cuando termine.',
  },
  privacy_request_not_of_person: {
    kind: 'unprocessable',
    en: 'The request is not one for deletion by this person.',
    es: 'La solicitud no es de supresión de esta persona.',
  },
  privacy_request_answered: {
    kind: 'conflict',
    en: 'The request was answered before as "{answer}".',
    es: 'La solicitud ya se respondió como "{answer}".',
  },
  privacy_request_extended: {
    kind: 'conflict',
    en: 'The request was extended before: the law allows it once.',
    es: 'La solicitud ya se prorrogó: la ley lo permite una vez.',
  },
  privacy_request_late: {
    kind: 'conflict',
    en: 'The request is late: only one that is in time can be extended.',
    es: 'La solicitud está vencida: solo se prorroga dentro de plazo.',
  },
  blocking_not_extended: {
    kind: 'unprocessable',
    en: 'A request for blocking is answered in two working days; nothing extends it.',
    es: 'Una solicitud de bloqueo se responde en dos días hábiles; no se prorroga.',
  },
  privacy_own_id_taken: {
    kind: 'conflict',
    en: 'The number "{ownId}" is of another request.',
    es: 'El número "{ownId}" es de otra solicitud.',
  },
  received_at_wrong: {
    kind: 'unprocessable',
    en: 'The request came in the future, or more than {days} days ago.',
    es: 'La solicitud llegó en el futuro, o hace más de {days} días.',
  },
  national_id_unreadable: {
    kind: 'unprocessable',
    en: '"{value}" is no national id of the account’s country.',
    es: '"{value}" no es un documento de identidad del país de la cuenta.',
  },
} as const satisfies Readonly<Record<string, Refusal>>;
