/** Registered at boot, set once at the start of a workflow: what operators filter by in the Temporal UI. */
export const accountAttribute = keyword('TandasAccount');
export const batchAttribute = keyword('TandasBatch');
export const useCaseAttribute = keyword('TandasUseCase');
/** waiting | suspended | negotiating | paused | closed; changed only where an operator would filter by it. */
export const stateAttribute = keyword('TandasState');

/** How a contact ended, as the API's `outcome`: set with its end. */
export const outcomeAttribute = keyword('TandasOutcome');

export const searchAttributes = [
  accountAttribute,
  batchAttribute,
  useCaseAttribute,
  stateAttribute,
  outcomeAttribute,
] as const;

export interface KeywordAttribute {
  readonly name: string;
  readonly type: 'KEYWORD';
}

/** As the SDK's `defineSearchAttributeKey` makes it, which rules do not import. */
function keyword(name: string): KeywordAttribute {
  return { name, type: 'KEYWORD' };
}

/** A new value of an attribute. */
export interface AttributeChange {
  readonly key: KeywordAttribute;
  readonly value: string;
}
