/** The bodies of an upload, as plain OpenAPI schemas: zod ones would make the validator hold them in memory whole. */
import { importLimits } from '../../domain/imports/limits.ts';
import { useCases } from '../../domain/usecases/registry.ts';
import { countryForm, currencyForm, textForm } from '../schemas.ts';

/** Fields beside the rows or the file: the same as in the query, whose schema reads them. */
const options = {
  use_case: {
    type: 'string' as const,
    enum: useCases.map(({ key }) => key),
    description: 'Default: by columns.',
  },
  creditor: { ...textForm(120), description: 'For rows that name none.' },
  country: {
    type: 'string' as const,
    pattern: countryForm.source,
    description: "ISO 3166, for rows that name none. Default: the account's.",
  },
  currency: {
    type: 'string' as const,
    pattern: currencyForm.source,
    description: 'ISO 4217, of the amounts.',
  },
  round_amounts: {
    type: 'boolean' as const,
    description:
      'Round amounts written with decimals that the currency has not; each such row says so. Default: refuse.',
  },
  dry_run: { type: 'boolean' as const, description: 'Preview only: nothing is stored.' },
  again: { type: 'boolean' as const, description: 'Import the rows although they were imported before.' },
};

/** In a form: a field that was left empty is not told. */
function orEmpty<T extends { readonly pattern: string }>(option: T) {
  return { ...option, minLength: 0, pattern: `^(${option.pattern.slice(1, -1)})?$` };
}

const formSchema = {
  type: 'object' as const,
  required: ['file'],
  additionalProperties: false,
  properties: {
    file: { type: 'string' as const, format: 'binary', description: '.xlsx or .csv, at most 50 MB.' },
    ...options,
    sheet: orEmpty({ ...textForm(31), description: 'Default: the sheet whose headers fit best.' }),
    creditor: orEmpty(options.creditor),
    country: orEmpty(options.country),
    currency: orEmpty(options.currency),
  },
};

const megabytes = importLimits.maxSentBytes / 1024 / 1024;

const rowSchema = {
  type: 'object' as const,
  description:
    'Keys are what a file would have as headers. A RUT and a day are texts, an amount is a number or a text, phones may be a list; null is what is not told.',
  additionalProperties: true,
  example: {
    RUT: '12.345.678-5',
    NOMBRE: 'Ana Soto',
    TELEFONOS: ['+56961234567'],
    MONTO: 104050,
    FECHA_VENC: '2026-11-30',
    EMPRESA: 'Banco Inventado',
  },
};

/** A null is what is not told; a form has none. */
const orNull = <T extends { readonly type: string }>(option: T) =>
  ({ ...option, type: [option.type, 'null'] }) as const;

const jsonSchema = {
  type: 'object' as const,
  required: ['rows'],
  additionalProperties: false,
  properties: {
    use_case: { ...orNull(options.use_case), enum: [...options.use_case.enum, null] },
    creditor: orNull(options.creditor),
    country: orNull(options.country),
    currency: orNull(options.currency),
    round_amounts: orNull(options.round_amounts),
    dry_run: orNull(options.dry_run),
    again: orNull(options.again),
    rows: {
      type: 'array' as const,
      minItems: 1,
      maxItems: importLimits.maxSentRows,
      description: `At most ${importLimits.maxSentRows}, and ${megabytes} MB.`,
      items: rowSchema,
    },
  },
};

const linesSchema = {
  type: 'string' as const,
  description: `One row, as an object, a line: at most ${importLimits.maxSentRows} and ${megabytes} MB. Options are parameters of the query.`,
};

/** A file alone, for a route that takes no rows. */
export const formBody = { 'multipart/form-data': { schema: formSchema } };

export const uploadBodies = {
  ...formBody,
  'application/json': { schema: jsonSchema },
  'application/x-ndjson': { schema: linesSchema },
};
