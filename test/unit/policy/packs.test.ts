import { describe, expect, it } from 'vitest';
import { debtorNotice, disclosureVariables } from '../../../domain/policy/rules/disclosures.ts';
import { parsePack } from '../../../domain/policy/rules/parse.ts';
import { clCollectionStrict } from '../../../domain/policy/rules/packs/cl-collection-strict.ts';
import { demoPack } from '../../../domain/policy/rules/packs/demo.ts';
import { rulePacks } from '../../../domain/policy/rules/packs/index.ts';
import { usRegfCollection } from '../../../domain/policy/rules/packs/us-regf-collection.ts';
import { usStrictCollection } from '../../../domain/policy/rules/packs/us-strict-collection.ts';
import { withOverlays } from '../../../domain/policy/rules/overlays.ts';
import { zonesOf } from '../../../domain/policy/rules/zones.ts';

/** As it comes back from jsonb. */
const stored = (pack: object): unknown => JSON.parse(JSON.stringify(pack));

describe('the packs that ship', () => {
  it('have a source, a day on which it was read, and hours; a key and version belongs to one of them', () => {
    for (const pack of rulePacks) {
      expect(pack.source.length, pack.key).toBeGreaterThan(20);
      expect(pack.readOn, pack.key).toMatch(/^\d{4}-\d{2}-\d{2}$/);
      expect(Object.keys(pack.windows).length, pack.key).toBeGreaterThan(4);
    }
    const names = rulePacks.map(({ key, version }) => `${key}@${version}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it('are of high confidence, and of a country whose zones are known, wherever a real phone may ring', () => {
    for (const pack of rulePacks.filter(({ simulatedOnly }) => !simulatedOnly)) {
      expect(pack.confidence, pack.key).toBe('high');
      expect(zonesOf(pack.country ?? '', null).length, pack.key).toBeGreaterThan(0);
    }
  });

  it('ask for a sign-off where they are looser than the strict reading, or rest on a consent', () => {
    const needing = rulePacks.filter(({ needsSignOff }) => needsSignOff).map(({ key }) => key);
    expect(needing).toEqual(['cl-collection-waves', 'us-regf-collection', 'us-strict-collection']);
  });

  it('stop on a do-not-call and on a paid debt; the Chilean on a lawsuit and an insolvency too', () => {
    for (const pack of rulePacks)
      expect(pack.stopOn).toEqual(expect.arrayContaining(['do_not_call', 'paid']));
    expect(clCollectionStrict.stopOn).toEqual(expect.arrayContaining(['lawsuit', 'insolvency']));
    expect(usRegfCollection.stopOn).toEqual(expect.arrayContaining(['represented', 'dispute']));
  });

  it('say the figures of their laws', () => {
    const figures = Object.fromEntries(
      rulePacks.map((pack) => [
        pack.key,
        [
          pack.limits.map(({ channel, countOn, max, per, minGapMs = 0, scope }) =>
            [channel, countOn, max, per.kind, minGapMs / 3_600_000, scope].join(' '),
          ),
          pack.coolDown.days,
          pack.callerIdPrefixes.join(),
          pack.voicemail.policy,
          pack.retentionDaysMin,
        ],
      ]),
    );
    const [messages, prefixes] = ['messaging attempt 2 calendar_week 48 person', '+56600'];
    const daily = (max: number) => [`phone attempt ${max} day 0 person`, `phone attempt ${max} day 0 phone`];
    expect(figures).toEqual({
      'cl-collection-strict': [
        [...daily(1), 'phone human 1 calendar_week 0 person', messages],
        7,
        prefixes,
        'forbidden',
        731,
      ],
      'cl-collection-waves': [[...daily(3), messages], 7, prefixes, 'forbidden', 731],
      'co-collection': [
        ['any attempt 1 day 0 person', 'phone attempt 1 day 0 phone'],
        0,
        '',
        'forbidden',
        731,
      ],
      'pe-collection': [[], 0, '', 'forbidden', 731],
      'us-regf-collection': [['phone attempt 7 rolling_days 0 person'], 7, '', 'forbidden', 1_096],
      'us-strict-collection': [['phone attempt 7 rolling_days 0 person'], 7, '', 'forbidden', 1_096],
      demo: [[...daily(3), 'messaging attempt 3 day 0 person'], 7, '', 'forbidden', 1],
    });
  });
});

describe('a stored pack', () => {
  it('is read back as it was written, and what is no pack is refused', () => {
    for (const pack of rulePacks) expect(parsePack(stored(pack))).toEqual(pack);
    expect(() => parsePack({ ...rulePacks[0], limits: undefined })).toThrow('limits');
    expect(() => parsePack(null)).toThrow('an object');
  });
});

describe('what the agent must say of itself', () => {
  it('is in the variables of the call, in the language of the pack, and names no creditor and no debt', () => {
    const said = disclosureVariables(demoPack);
    expect(Object.keys(said)).toEqual([
      'aviso_ia',
      'aviso_grabacion',
      'aviso_identidad',
      'aviso_acreedor',
      'aviso_deudor',
    ]);
    expect(said['aviso_ia']).toContain('inteligencia artificial');
    expect(disclosureVariables(usRegfCollection)['aviso_ia']).toContain('artificial intelligence');
    expect(Object.values(said).join(' ')).not.toMatch(/deuda|cobranza|\{\{/i);
  });

  it('is empty, not absent, where a pack does not ask for it: an unset variable would be spoken by its name', () => {
    expect(disclosureVariables({ ...demoPack, disclosures: [] })).toEqual({
      aviso_ia: '',
      aviso_grabacion: '',
      aviso_identidad: '',
      aviso_acreedor: '',
      aviso_deudor: '',
    });
  });
});

describe('what the debtor is told, and nobody else', () => {
  const debt = { creditor: 'Acreedor Inventado', reference: 'OP-77' };

  it('in Chile is origin, interest and fees, how to pay, rights, and that it is no procedure of a court', () => {
    const { es, en } = debtorNotice(clCollectionStrict, debt);
    for (const said of [
      'extrajudicial',
      'no es un procedimiento judicial ni de embargo',
      debt.creditor,
      debt.reference,
    ])
      expect(es).toContain(said);
    for (const said of ['intereses', 'gastos de cobranza', 'Se paga', 'por escrito', 'objetar'])
      expect(es).toContain(said);
    expect(en).toContain('no proceeding of a court');
    expect(debtorNotice(clCollectionStrict, { ...debt, reference: '' }).es).toContain(
      `con ${debt.creditor}. `,
    );
  });

  it('in the United States is that a debt collector speaks', () => {
    expect(debtorNotice(usRegfCollection, debt).en).toContain(
      'attempt by a debt collector to collect a debt',
    );
    expect(debtorNotice(usStrictCollection, debt)).toEqual(debtorNotice(usRegfCollection, debt));
  });

  it('is in no variable of a call in which identity comes first, and in the language of the pack in any other', () => {
    expect(disclosureVariables(clCollectionStrict)['aviso_deudor']).toBe('');
    expect(disclosureVariables(clCollectionStrict, debt)['aviso_deudor']).toContain('extrajudicial');
    expect(disclosureVariables(usRegfCollection, debt)['aviso_deudor']).toContain('debt collector');
    for (const pack of rulePacks) {
      expect(Object.values(disclosureVariables(pack)).join(' '), pack.key).not.toMatch(
        /deuda|cobranza|debt/i,
      );
    }
  });

  it('comes after the recording was told of, in every pack under which a provider records', () => {
    for (const pack of rulePacks.filter(({ simulatedOnly }) => !simulatedOnly))
      expect(disclosureVariables(pack)['aviso_grabacion'], pack.key).toMatch(/se graba|is recorded/);
  });
});

describe('what a city or a state makes stricter', () => {
  const limitsIn = (region: string | null) =>
    withOverlays(usStrictCollection, region)
      .limits.slice(usStrictCollection.limits.length)
      .map(({ max }) => max);

  it.for([
    ['NY', [3]],
    [' ny ', [3]],
    ['Brooklyn, NY', [3]],
    ['New York City', [3]],
    ['MA', [2]],
    ['Boston, Massachusetts', [2]],
    ['TX', []],
    ['CA', []],
    [null, [3, 2]],
    ['somewhere', [3, 2]],
  ] as const)('in %s: at most %s in seven days, besides the seven calls', ([region, most]) => {
    expect(limitsIn(region)).toEqual(most);
  });

  it('changes no other pack, and is stored with its own', () => {
    for (const pack of rulePacks.filter(({ key }) => key !== usStrictCollection.key))
      expect(withOverlays(pack, null)).toBe(pack);
    expect(() => parsePack({ ...usStrictCollection, overlays: [{ title: 'x' }] })).toThrow(
      'overlays[0].places',
    );
  });
});

describe('zones of the United States', () => {
  it('are those of the state, both where a border runs through it, and all where it is not known', () => {
    expect(zonesOf('US', null, 'ny')).toEqual(['America/New_York']);
    expect(zonesOf('US', null, 'TX')).toEqual(['America/Chicago', 'America/Denver']);
    expect(zonesOf('US', null, 'Atlantis')).toEqual(zonesOf('US', null));
    expect(zonesOf('US', 'America/Phoenix', 'TX')).toEqual(['America/Phoenix']);
    expect(zonesOf('US', null, 'constructor')).toEqual(zonesOf('US', null));
  });

  it('of a country, where nothing is known of a person, are all of it: no island and no peninsula is left out', () => {
    expect(zonesOf('CL', null)).toEqual([
      'America/Santiago',
      'America/Punta_Arenas',
      'America/Coyhaique',
      'Pacific/Easter',
    ]);
    expect([...zonesOf('US', null)].toSorted()).toEqual([
      'America/Adak',
      'America/Anchorage',
      'America/Chicago',
      'America/Denver',
      'America/Los_Angeles',
      'America/New_York',
      'America/Phoenix',
      'America/Puerto_Rico',
      'Pacific/Honolulu',
    ]);
  });

  it('are names that this machine knows', () => {
    for (const country of ['CL', 'CO', 'PE', 'US']) {
      for (const zone of zonesOf(country, null)) {
        expect(() => new Intl.DateTimeFormat('en', { timeZone: zone }), zone).not.toThrow();
      }
    }
  });
});
