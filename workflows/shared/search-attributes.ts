import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** Registered at boot, set once at the start of a workflow: what operators filter by in the Temporal UI. */
export const accountAttribute = defineSearchAttributeKey('TandasAccount', SearchAttributeType.KEYWORD);
export const batchAttribute = defineSearchAttributeKey('TandasBatch', SearchAttributeType.KEYWORD);
export const useCaseAttribute = defineSearchAttributeKey('TandasUseCase', SearchAttributeType.KEYWORD);
/** waiting | suspended | calling | paused | closed; changed only where an operator would filter by it. */
export const stateAttribute = defineSearchAttributeKey('TandasState', SearchAttributeType.KEYWORD);

export const searchAttributes = [accountAttribute, batchAttribute, useCaseAttribute, stateAttribute] as const;
