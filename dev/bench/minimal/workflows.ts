/** The entry of the benchmarks' bundle: the product's workflows, and the floors that they are compared with. */
export { batch, contact, rehearsal } from '../../../workflows/index.ts';
export { bareContact, bareSleeper } from './bare-contact.ts';
export { minimalContact } from './minimal-contact.ts';
