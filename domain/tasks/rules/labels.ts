/** What a person must decide, in Spanish. */
const taskLabels: Readonly<Record<string, string>> = {
  verify_payment: 'verificar un pago que la persona dice haber hecho',
  dispute: 'revisar una deuda que la persona no reconoce',
  hardship: 'hablar con quien no puede pagar',
  legal: 'revisar un caso en manos de abogados',
  broken_promise: 'decidir tras un acuerdo no cumplido',
  person_asked: 'llamar a quien pidió hablar con una persona',
  payment_reversed: 'revisar un pago que se anuló',
};

/** A kind that nobody has worded is shown as it is. */
export function taskInWords(kind: string): string {
  return Object.hasOwn(taskLabels, kind) ? (taskLabels[kind] ?? kind) : kind;
}
