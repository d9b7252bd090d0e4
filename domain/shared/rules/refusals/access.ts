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
} as const satisfies Readonly<Record<string, Refusal>>;
