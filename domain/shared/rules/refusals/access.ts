import type { Refusal } from './refusal.ts';

/** Of who asks: what they may not do, and the keys by which they ask. */
export const accessRefusals = {
  unauthorised: {
    kind: 'unauthorised',
    en: 'Present an API key: Authorization: Bearer <key>.',
    es: 'Presente una clave de API: Authorization: Bearer <clave>.',
  },
  administrator_only: {
    kind: 'forbidden',
    en: 'Only an administrator may do this.',
    es: 'Solo un administrador puede hacerlo.',
  },
  not_permitted: {
    kind: 'forbidden',
    en: 'Your role or key does not hold the permission {permission}. An owner of the account can give it.',
    es: 'Su rol o su clave no tiene el permiso {permission}. Un dueño de la cuenta puede darlo.',
  },
  address_not_allowed: {
    kind: 'forbidden',
    en: 'This key opens from some networks only, and this address is in none of them.',
    es: 'Esta clave solo abre desde algunas redes, y esta dirección no está en ninguna.',
  },
  no_permission_named: {
    kind: 'forbidden',
    en: 'This route names no permission, so nobody may call it.',
    es: 'Esta ruta no declara ningún permiso, por lo que nadie puede usarla.',
  },
  key_not_found: { kind: 'not_found', en: 'There is no such key.', es: 'No existe esa clave.' },
  key_has_ended: {
    kind: 'conflict',
    en: 'The key has ended: make a new one.',
    es: 'La clave ya terminó: cree una nueva.',
  },
  key_ends_before: {
    kind: 'unprocessable',
    en: 'The key would have ended already.',
    es: 'La clave ya habría vencido.',
  },
  key_opens_more: {
    kind: 'forbidden',
    en: 'The key would hold {permission}, which you do not hold yourself. Leave it out of its scopes.',
    es: 'La clave tendría el permiso {permission}, que usted no tiene. Quítelo de sus permisos.',
  },
  no_network: {
    kind: 'unprocessable',
    en: 'This is no network. Write its first address and its prefix: 203.0.113.0/24, or one address.',
    es: 'Esto no es una red. Escriba su primera dirección y su prefijo: 203.0.113.0/24, o una sola dirección.',
  },
  token_has_no_bounds: {
    kind: 'unprocessable',
    en: 'A token of the MCP server has no scopes and no networks: leave them out.',
    es: 'Un token del servidor MCP no tiene permisos ni redes propias: no los indique.',
  },
  too_many_keys: {
    kind: 'conflict',
    en: 'An account has at most {most} keys in force. Revoke one first.',
    es: 'Una cuenta tiene a lo más {most} claves vigentes. Revoque una primero.',
  },
  too_many_streams: {
    kind: 'too_many',
    en: 'At most {most} streams of events may be open at once. Close one, or share one between your windows.',
    es: 'Puede haber a lo más {most} conexiones de eventos abiertas a la vez. Cierre una, o comparta una entre sus ventanas.',
  },
  shutting_down: {
    kind: 'unavailable',
    en: 'This process is about to end. Come again: another one answers.',
    es: 'Este proceso está por terminar. Vuelva a intentarlo: responderá otro.',
  },

  // People who sign in
  sign_in_off: {
    kind: 'unavailable',
    en: 'Nobody can sign in: SECRETS_KEY is not set. Whoever runs this server sets it.',
    es: 'Nadie puede entrar: SECRETS_KEY no está definida. La define quien opera este servidor.',
  },
  not_signed_in: {
    kind: 'unauthorised',
    en: 'Sign in first.',
    es: 'Entre primero con su correo y su contraseña.',
  },
  wrong_password: {
    kind: 'unauthorised',
    en: 'The address or the password is not right.',
    es: 'El correo o la contraseña no son correctos.',
  },
  wrong_code: {
    kind: 'unauthorised',
    en: 'The code is not right. Take the one that your authenticator shows now.',
    es: 'El código no es correcto. Use el que su aplicación muestra ahora.',
  },
  code_used: {
    kind: 'unauthorised',
    en: 'This code was used already. Wait for the next one.',
    es: 'Este código ya se usó. Espere el siguiente.',
  },
  too_many_codes: {
    kind: 'too_many',
    en: 'Too many wrong codes. Sign in again in a quarter of an hour.',
    es: 'Demasiados códigos equivocados. Entre de nuevo en un cuarto de hora.',
  },
  link_invalid: {
    kind: 'unauthorised',
    en: 'This link or code was used, or has ended. Ask for a new one.',
    es: 'Este enlace o código ya se usó o venció. Pida uno nuevo.',
  },
  password_too_short: {
    kind: 'unprocessable',
    en: 'The password has fewer than {least} characters. Choose a longer one.',
    es: 'La contraseña tiene menos de {least} caracteres. Elija una más larga.',
  },
  password_guessable: {
    kind: 'unprocessable',
    en: 'Others would guess this password: many people have it, or it says who you are. Choose another one, for example four words that do not go together.',
    es: 'Otros adivinarían esta contraseña: muchas personas la usan o dice quién es usted. Elija otra, por ejemplo cuatro palabras que no van juntas.',
  },
  password_too_long: {
    kind: 'unprocessable',
    en: 'The password has more than {most} characters.',
    es: 'La contraseña tiene más de {most} caracteres.',
  },
  second_factor_off: {
    kind: 'conflict',
    en: 'You have no second factor yet: set it up first.',
    es: 'Todavía no tiene un segundo factor: actívelo primero.',
  },
  sign_in_failed: {
    kind: 'conflict',
    en: 'This could not be done. Sign in again and repeat it.',
    es: 'No se pudo hacer. Entre de nuevo y repítalo.',
  },
  second_factor_needed: {
    kind: 'forbidden',
    en: 'An owner works with a second factor: set it up with POST /api/v1/auth/second-factor.',
    es: 'Un dueño trabaja con un segundo factor: actívelo con POST /api/v1/auth/second-factor.',
  },
  foreign_origin: {
    kind: 'forbidden',
    en: 'This request comes from another site than ours, or does not say from which.',
    es: 'Esta solicitud viene de otro sitio, o no dice de cuál.',
  },
  account_not_named: {
    kind: 'unprocessable',
    en: 'Name the account that you mean: header Tandas-Account with its id.',
    es: 'Indique para qué cuenta es: encabezado Tandas-Account con su id.',
  },
  not_a_member: {
    kind: 'forbidden',
    en: 'You are no member of this account.',
    es: 'Usted no es miembro de esta cuenta.',
  },
  member_not_found: { kind: 'not_found', en: 'There is no such member.', es: 'No existe ese miembro.' },
  already_member: {
    kind: 'conflict',
    en: 'Whoever has this address is a member already.',
    es: 'Quien tiene este correo ya es miembro.',
  },
  last_owner: {
    kind: 'conflict',
    en: 'An account has at least one owner. Make somebody else an owner first.',
    es: 'Una cuenta tiene al menos un dueño. Haga dueño a otra persona primero.',
  },
  invitation_not_found: {
    kind: 'not_found',
    en: 'There is no such open invitation.',
    es: 'No existe esa invitación abierta.',
  },
  invitation_invalid: {
    kind: 'not_found',
    en: 'This invitation was accepted or taken back, or has ended. Ask for a new one.',
    es: 'Esta invitación ya se aceptó, se retiró o venció. Pida una nueva.',
  },
  too_many_invitations: {
    kind: 'too_many',
    en: 'An account sends at most {most} invitations an hour.',
    es: 'Una cuenta envía a lo más {most} invitaciones por hora.',
  },
  name_missing: {
    kind: 'unprocessable',
    en: 'Tell your name: you are new here.',
    es: 'Indique su nombre: es nuevo aquí.',
  },
  password_missing: {
    kind: 'unprocessable',
    en: 'Choose a password: you are new here.',
    es: 'Elija una contraseña: es nuevo aquí.',
  },
  sign_in_first: {
    kind: 'conflict',
    en: 'This address is known here: sign in with it, then accept the invitation.',
    es: 'Este correo ya se conoce aquí: entre con él y luego acepte la invitación.',
  },
} as const satisfies Readonly<Record<string, Refusal>>;
