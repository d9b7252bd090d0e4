import {
  emailColumn,
  extraPhoneColumn,
  nameColumn,
  nationalIdColumn,
  partColumns,
  phoneColumn,
  placeColumns,
} from './columns.ts';
import { readConversation } from './outcome.ts';
import type { UseCase } from './types.ts';
import { joinedVariables } from './variables.ts';

/** Calls after a purchase, a delivery or a support case: feedback and surveys. */
export const userExperience: UseCase = {
  key: 'user_experience',
  title: { es: 'Experiencia de usuario', en: 'User experience' },
  columns: [
    nameColumn,
    {
      key: 'customer_id',
      kind: 'text',
      label: 'CUSTOMER_ID',
      aliases: ['customer_id', 'cliente_id', 'id cliente', 'codigo cliente', 'numero cliente'],
      required: true,
      marker: 'strong',
    },
    phoneColumn,
    extraPhoneColumn,
    ...partColumns,
    {
      key: 'interaction_type',
      kind: 'text',
      label: 'INTERACTION_TYPE',
      aliases: ['interaction_type', 'tipo interaccion', 'tipo de interaccion'],
      required: true,
      marker: 'strong',
    },
    {
      key: 'product',
      kind: 'text',
      label: 'PRODUCTO_SERVICIO',
      aliases: ['producto_servicio', 'producto', 'servicio', 'producto o servicio', 'product'],
      required: true,
    },
    nationalIdColumn,
    emailColumn,
    ...placeColumns,
  ],
  freeVariables: false,
  scripts: ['ux_post_purchase_v1', 'ux_feedback_collection_v1', 'ux_survey_v1'],
  scheduleMode: 'ladder',
  variables: (row) => ({
    nombre: row.name,
    cliente_id: row.fields['customer_id'] ?? '',
    tipo_interaccion: row.fields['interaction_type'] ?? '',
    producto_servicio: row.fields['product'] ?? '',
  }),
  mergeVariables: (rows) => joinedVariables(rows, ['nombre']),
  readOutcome: readConversation,
};
