import { createRoute } from '@hono/zod-openapi';
import { access } from '../access.ts';
import { idempotencyHeader, idParams, json, problems, reasonSchema } from '../schemas.ts';
import {
  changedSchema,
  contactPageSchema,
  contactSchema,
  contactsQuery,
  rescheduleSchema,
  retriedSchema,
} from './schemas.ts';

const tags = ['contacts'];

export const list = createRoute({
  method: 'get',
  path: '/api/v1/contacts',
  tags,
  summary: 'Contacts, by batch and in the order of the file',
  ...access('contacts:read'),
  request: { query: contactsQuery },
  responses: {
    200: json(contactPageSchema, 'One page.'),
    ...problems.badRequest,
    ...problems.unauthorised,
  },
});

export const get = createRoute({
  method: 'get',
  path: '/api/v1/contacts/{id}',
  tags,
  summary: 'A contact with person, debts, phones and everything that happened',
  ...access('contacts:read'),
  request: { params: idParams },
  responses: {
    200: json(contactSchema, 'The contact.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.notFound,
  },
});

const changed = {
  200: json(changedSchema, 'The contact as it is now.'),
  ...problems.badRequest,
  ...problems.unauthorised,
  ...problems.notFound,
  ...problems.conflict,
  ...problems.unavailable,
} as const;

export const reschedule = createRoute({
  method: 'post',
  path: '/api/v1/contacts/{id}/reschedule',
  tags,
  summary: 'Move the next call to an agreed instant',
  description:
    'Past instants, holidays and hours that the rule pack forbids are refused with the rule and the nearest allowed instants.',
  ...access('contacts:write'),
  request: {
    params: idParams,
    body: { required: true, content: { 'application/json': { schema: rescheduleSchema } } },
  },
  responses: {
    200: json(changedSchema, 'The contact as it is now.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.notFound,
    ...problems.conflict,
    ...problems.unprocessable,
    ...problems.unavailable,
  },
});

function changeRoute(action: 'pause' | 'resume' | 'cancel', summary: string) {
  return createRoute({
    method: 'post',
    path: `/api/v1/contacts/{id}/${action}`,
    tags,
    summary,
    ...access('contacts:write'),
    request: {
      params: idParams,
      body: { required: true, content: { 'application/json': { schema: reasonSchema } } },
    },
    responses: changed,
  });
}

export const changes = [
  ['pause', changeRoute('pause', 'Hold one contact; a call that runs is let end')],
  ['resume', changeRoute('resume', 'Go on after a pause')],
  ['cancel', changeRoute('cancel', 'Close one contact; a call that runs is let end')],
] as const;

export const retry = createRoute({
  method: 'post',
  path: '/api/v1/contacts/{id}/retry',
  tags,
  summary: 'Open a closed contact for a new run',
  ...access('contacts:write'),
  request: {
    params: idParams,
    headers: idempotencyHeader,
    body: { required: true, content: { 'application/json': { schema: reasonSchema } } },
  },
  responses: {
    201: json(retriedSchema, 'It is called again; a finished batch is open again.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.notFound,
    ...problems.conflict,
    ...problems.unprocessable,
    ...problems.unavailable,
  },
});
