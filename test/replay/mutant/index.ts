/** The same workflow with one command more before its first: what a careless change of order would do. */
import { sleep } from '@temporalio/workflow';
import type { ContactInput, ContactResult } from '../../../workflows/contact/contract.ts';
import { contact as original } from '../../../workflows/contact/workflow.ts';

export async function contact(input: ContactInput): Promise<ContactResult> {
  await sleep(1_000);
  return original(input);
}
