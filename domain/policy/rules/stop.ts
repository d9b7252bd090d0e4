/** What ends all contact about a debt, or with a person. Which of them a country asks for is in its rule pack. */
export type StopCause =
  'do_not_call' | 'paid' | 'lawsuit' | 'insolvency' | 'dispute' | 'represented' | 'wrong_person';
