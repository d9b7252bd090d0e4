/** What people may ask of their data (Ley 21.719), and the ways by which it comes. */
export const requestKinds = [
  'access',
  'rectification',
  'deletion',
  'opposition',
  'portability',
  'blocking',
] as const;
export type RequestKind = (typeof requestKinds)[number];

export const requestChannels = ['letter', 'email', 'phone', 'whatsapp', 'web', 'in_person', 'other'] as const;

export const requestAnswers = ['granted', 'refused'] as const;
