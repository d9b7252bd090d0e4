import type { Part, Place } from './brute-calendar.ts';

const chileanZones = [
  'America/Santiago',
  'America/Punta_Arenas',
  'America/Coyhaique',
  'Pacific/Easter',
] as const;
const living = (region: string, ...mayLiveIn: readonly Part[]): Place => ({
  zones: ['America/Santiago'],
  region,
  mayLiveIn,
});

/**
 * Regions and comunas of Chile, in the spellings of files: by name, by number, by a comuna alone. Who is in which is told by
 * hand, from the laws, and not found by anything.
 */
export const chileanPlaces: readonly Place[] = [
  ...[
    'Arica y Parinacota',
    'Región de Arica y Parinacota',
    'XV',
    'XV Región',
    '15',
    'Arica',
    'ARICA',
    'Comuna de Arica',
  ].map((region) => living(region, 'arica')),
  ...['Chillán', 'CHILLAN', 'Chillán Viejo', 'Comuna de Chillán', 'Chillán, Ñuble'].map((region) =>
    living(region, 'chillan'),
  ),
  // Nothing more is said than the region: it may be Chillán.
  ...['Ñuble', 'Región de Ñuble', 'XVI', 'XVI Región', '16'].map((region) => living(region, 'chillan')),
  ...[
    'Tarapacá',
    'I Región',
    'Iquique',
    'Antofagasta',
    'II',
    'Calama',
    'Atacama',
    'Copiapó',
    'Coquimbo',
    'La Serena',
  ].map((region) => living(region)),
  ...[
    'Valparaíso',
    'V Región',
    'Viña del Mar',
    'Quilpué',
    'Metropolitana',
    'RM',
    '13',
    'Santiago',
    'Maipú',
    'Ñuñoa',
  ].map((region) => living(region)),
  ...[
    "O'Higgins",
    'VI',
    'Rancagua',
    'Maule',
    'Talca',
    'Linares',
    'Biobío',
    'VIII',
    'Concepción',
    'Los Ángeles',
  ].map((region) => living(region)),
  ...[
    'La Araucanía',
    'IX',
    'Temuco',
    'Los Ríos',
    'XIV',
    'Valdivia',
    'Los Lagos',
    'X',
    'Puerto Montt',
    'Castro',
  ].map((region) => living(region)),
  { zones: ['America/Coyhaique'], region: 'Aysén', mayLiveIn: [] },
  { zones: ['America/Coyhaique'], region: 'Coyhaique', mayLiveIn: [] },
  { zones: ['America/Punta_Arenas'], region: 'Magallanes', mayLiveIn: [] },
  { zones: ['America/Punta_Arenas'], region: 'Punta Arenas', mayLiveIn: [] },
  { zones: ['Pacific/Easter'], region: 'Isla de Pascua', mayLiveIn: [] },
  // Of nobody, and of a word that is no place, it is not known that they do not live there.
  ...[null, 'VIGENTE', 'JUDICIAL', 'CASTIGADA', 'SIN DATO', 'No informa', 'n/a', '-'].map(
    (region): Place => ({ zones: chileanZones, region, mayLiveIn: ['arica', 'chillan'] }),
  ),
];

/** Cities and states of the United States with rules of their own, and others. */
export const americanPlaces: readonly Pick<Place, 'region' | 'contactsInSevenDays' | 'mayLiveIn'>[] = [
  { region: 'NY', contactsInSevenDays: 3, mayLiveIn: [] },
  { region: 'ny', contactsInSevenDays: 3, mayLiveIn: [] },
  { region: 'Brooklyn, NY', contactsInSevenDays: 3, mayLiveIn: [] },
  { region: 'MA', contactsInSevenDays: 2, mayLiveIn: [] },
  { region: 'Massachusetts', contactsInSevenDays: 2, mayLiveIn: [] },
  { region: 'TX', mayLiveIn: [] },
  { region: 'AZ', mayLiveIn: [] },
  { region: null, contactsInSevenDays: 2, mayLiveIn: [] },
  { region: 'somewhere', contactsInSevenDays: 2, mayLiveIn: [] },
];
