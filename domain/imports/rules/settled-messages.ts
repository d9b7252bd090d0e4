import { message } from './message.ts';

/** What is said of people who have paid by our record, and are in a file again. */
export const settledMessages = {
  debt_settled: message(
    'Ya está pagada: {paid} hasta el {day}. No se llamará por esta deuda',
    'It is paid already: {paid} until {day}. Nobody is called about this debt',
    'Si es otra deuda, cárguela con su propia referencia; si se debe llamar igual, empiece el lote con --settled call.',
    'If it is another debt, upload it under a reference of its own; to call all the same, start the batch with --settled call.',
  ),
  debt_settled_more: message(
    'Esta deuda se pagó ({paid} hasta el {day}) y ahora viene por más: {amount}. Se llamará por ella',
    'This debt was paid ({paid} until {day}) and comes for more now: {amount}. It is called about',
    'Revise que no sea la deuda de antes con otro monto.',
    'Check that it is not the debt of before with another amount.',
  ),
  debt_settled_unclear: message(
    'Puede ser una deuda ya pagada: mismo acreedor y vencimiento, {paid} pagados hasta el {day}',
    'It may be a debt that is paid: same creditor and due date, {paid} paid until {day}',
    'Sin número de deuda no se puede saber: al empezar el lote, diga --settled leave-out (no se llama) o --settled call (se llama).',
    'Without the debt’s number it cannot be known: start the batch with --settled leave-out (not called) or --settled call (called).',
  ),
};
