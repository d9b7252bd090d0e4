/** Columns that several use cases share, so that one spelling of a header is learnt once. */
import type { Column } from './types.ts';

export const nameColumn: Column = {
  key: 'name',
  kind: 'text',
  label: 'NOMBRE',
  aliases: [
    'nombre',
    'nombre completo',
    'nombre y apellido',
    'nombres',
    'nombre cliente',
    'nombre deudor',
    'nombre del cliente',
    'nombre del deudor',
    'cliente',
    'deudor',
    'name',
    'full name',
    'customer name',
  ],
  required: true,
};

export const phoneColumn: Column = {
  key: 'phone',
  kind: 'phone',
  label: 'TELEFONO',
  aliases: [
    'telefono',
    'teléfono principal',
    'telefono movil',
    'telefono celular',
    'numero de telefono',
    'n telefono',
    'nro telefono',
    'fono',
    'celular',
    'movil',
    'phone',
    'phone number',
    'mobile',
    'to_number',
    'telefonos',
    'fonos',
    'celulares',
    'phones',
  ],
  required: true,
};

/** Also takes every further column that matches `phoneColumn`, with or without a number after it. */
export const extraPhoneColumn: Column = {
  key: 'phone_extra',
  kind: 'phone_extra',
  label: 'TELEFONO 2',
  aliases: [
    'telefono alternativo',
    'otro telefono',
    'telefono adicional',
    'telefono secundario',
    'telefono fijo',
    'telefono casa',
    'telefono trabajo',
    'fono alternativo',
    'try_phones',
    'alternative phone',
  ],
  required: false,
};

export const nationalIdColumn: Column = {
  key: 'national_id',
  kind: 'national_id',
  label: 'RUT',
  aliases: [
    'rut',
    'rut deudor',
    'rut cliente',
    'rut del deudor',
    'rut del cliente',
    'run',
    'dni',
    'cedula',
    'cedula de identidad',
    'documento',
    'national id',
    'id nacional',
  ],
  required: false,
};

export const emailColumn: Column = {
  key: 'email',
  kind: 'email',
  label: 'EMAIL',
  aliases: ['email', 'e-mail', 'mail', 'correo', 'correo electronico'],
  required: false,
};

/** Where the person lives and whose rules apply: the zone comes from zone, else region, else city, else the phone. */
export const placeColumns: readonly Column[] = [
  {
    key: 'region',
    kind: 'region',
    label: 'REGION',
    aliases: ['region', 'nombre region', 'provincia', 'estado', 'state'],
    required: false,
  },
  {
    key: 'city',
    kind: 'city',
    label: 'CIUDAD',
    aliases: ['ciudad', 'comuna', 'localidad', 'city'],
    required: false,
  },
  {
    key: 'zone',
    kind: 'zone',
    label: 'ZONA_HORARIA',
    aliases: ['zona horaria', 'huso horario', 'time zone', 'timezone', 'tz'],
    required: false,
  },
  {
    key: 'country',
    kind: 'country',
    label: 'PAIS',
    aliases: ['pais', 'codigo pais', 'country', 'country code'],
    required: false,
  },
];
