import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asksToStop } from '../../../domain/people/rules/asks-to-stop.ts';

describe('a message that asks for no more contact', () => {
  it.each([
    'BAJA',
    'baja',
    'Baja.',
    'BAJA, no me escriban más',
    'baja por favor',
    'Hola, baja',
    'BAJA BAJA',
    'STOP',
    'Stop!!!',
    'stop. ya pagué',
    'no me escriban más',
    'No me escriba mas por favor',
    'por favor no me llamen más, ya les dije que pagué',
    'no me llame nunca más',
    'nunca más me escriban',
    'no me vuelvan a llamar',
    'no me vuelvan a molestar más',
    'dejen de llamarme',
    'dejen de molestarme con esto',
    'no quiero más mensajes',
    'no quiero recibir más llamados de ustedes',
    'no quiero que me llamen',
    'no quiero que me llamen más',
    'no autorizo que me contacten',
    'no me contacten',
    'no me molesten',
    'elimíneme',
    'Elimíneme de su base de datos',
    'sáquenme de la lista',
    'bórrenme por favor',
    'quiero darme de baja',
    'denme de baja',
    'solicito la baja',
    'eliminen mi número',
    'borren mis datos',
    'no me llamen más a este número',
    'no me llamen a este número',
    'no me escriban ni me llamen más',
    'Detener promociones',
    'unsubscribe',
    'Stop calling me',
    "don't call me again",
    'no más mensajes',
    'DESUSCRIBIR',
  ])('%s', (text) => {
    expect(asksToStop(text)).toBe('person');
  });

  it.each([
    'no me escriban por WhatsApp',
    'no me escriban más por whatsapp',
    'no me manden más mensajes por este medio',
    'no me escriban por acá, llámenme',
  ])('by this channel: %s', (text) => {
    expect(asksToStop(text)).toBe('channel');
  });

  it.each([
    '',
    'hola',
    'gracias',
    'ya pagué',
    'quiero cancelar',
    'CANCELAR',
    'cancelar la deuda',
    '¿me baja la deuda?',
    'la baja de interés',
    'dar de baja el servicio',
    'sáquenme de Dicom',
    'elimínenme la deuda',
    'quítenme los intereses',
    'no me llamen hasta el lunes',
    'no me llamen hoy',
    'no me llamen más tarde, llámenme ahora',
    'no me llamen en la mañana',
    'no me llamen más en la mañana',
    'no me llamen al trabajo',
    'no me escriban los domingos',
    'no me llamen si no es urgente',
    'llámenme mañana',
    'no me llega el enlace',
    'no me escribieron',
    'stop and go',
    'no puedo pagar',
    'alto interés',
    'constructor',
  ])('is not: %s', (text) => {
    expect(asksToStop(text)).toBeUndefined();
  });

  it('is one in any case, without accents and between courtesies', () => {
    const asked = fc.constantFrom('baja', 'stop', 'no me escriban más', 'elimíneme', 'dejen de llamarme');
    const change = fc.constantFrom(
      (text: string) => text.toUpperCase(),
      (text: string) => text.normalize('NFD'),
      (text: string) => text.normalize('NFD').replace(/\p{M}/gu, ''),
      (text: string) => `${text}!!`,
      (text: string) => `Hola buenas tardes, ${text}`,
      (text: string) => `${text} por favor`,
      (text: string) => `ya pagué.\n${text}\ngracias`,
    );
    fc.assert(
      fc.property(asked, change, change, (text, one, other) => {
        expect(asksToStop(other(one(text)))).toBe('person');
      }),
    );
  });
});
