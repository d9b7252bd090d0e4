/** JSON that an account configured: texts in it may hold placeholders such as `{{agreement.amount}}`. */
export type Template =
  string | number | boolean | null | readonly Template[] | { readonly [key: string]: Template };

export type Values = Readonly<Record<string, string | number>>;

/** Values for a link, with an example of each: a template is tried with these when it is configured. */
export const linkValues = {
  'agreement.id': '0b9f5b54-6f0e-4d1c-9a51-2f6d1f0a7c11',
  'agreement.amount': 123_450,
  'agreement.amount_decimal': '123450',
  'agreement.currency': 'CLP',
  'agreement.due_date': '2027-03-12',
  'instalment.number': 1,
  'link.title': 'Pago cuota 1 · Tienda Uno',
  'link.reference': '0b9f5b54-6f0e-4d1c-9a51-2f6d1f0a7c11:1',
  'link.expires_at': '2027-03-15T03:00:00.000Z',
  'message.id': '3d1f6a0e-58c7-4b52-9d55-0f2a8f6a7c22',
  idempotency_key: '3d1f6a0e-58c7-4b52-9d55-0f2a8f6a7c22',
} as const satisfies Values;

/** And for sending it. */
export const sendValues = {
  ...linkValues,
  'person.name': 'Juana',
  'person.phone': '+56961234567',
  creditor: 'Tienda Uno',
  'agreement.amount_text': '$123.450',
  'agreement.due_date_text': '12 de marzo',
  'link.url': 'https://pago.example/p/8f3kqA21bZx0',
  'link.suffix': 'p/8f3kqA21bZx0',
} as const satisfies Values;

export type Purpose = 'create_payment_link' | 'send_payment_link';

export const sampleValues: Readonly<Record<Purpose, Values>> = {
  create_payment_link: linkValues,
  send_payment_link: sendValues,
};

const placeholder = /\{\{\s*([a-z_.]+)\s*\}\}/g;
const whole = /^\{\{\s*([a-z_.]+)\s*\}\}$/;

/** Names in the template that no value has. */
export function unknownPlaceholders(template: Template, values: Values): readonly string[] {
  const names = [...JSON.stringify(template).matchAll(placeholder)].map(([, name = '']) => name);
  return [...new Set(names)].filter((name) => !Object.hasOwn(values, name));
}

/** Fills a template. A text that is one placeholder becomes the value itself, number or text; any other a text. */
export function fill(template: Template, values: Values): Template {
  if (typeof template === 'string') {
    const [, alone] = whole.exec(template) ?? [];
    if (alone !== undefined && Object.hasOwn(values, alone)) return values[alone] ?? '';
    return template.replace(placeholder, (text, name: string) =>
      Object.hasOwn(values, name) ? String(values[name]) : text,
    );
  }
  if (isList(template)) return template.map((one) => fill(one, values));
  if (typeof template === 'object' && template !== null) return fillAll(template, values);
  return template;
}

/** The arguments of one call. */
export function fillAll(
  template: Readonly<Record<string, Template>>,
  values: Values,
): Readonly<Record<string, Template>> {
  return Object.fromEntries(Object.entries(template).map(([key, one]) => [key, fill(one, values)]));
}

function isList(template: Template): template is readonly Template[] {
  return Array.isArray(template);
}
