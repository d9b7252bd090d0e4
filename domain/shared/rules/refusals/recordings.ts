import type { Refusal } from './refusal.ts';

/** Refusals about calls and their recordings, and about forecasts. */
export const recordingRefusals = {
  call_not_found: {
    kind: 'not_found',
    en: 'There is no such call.',
    es: 'No existe esa llamada.',
  },
  no_recording: {
    kind: 'not_found',
    en: 'There is no recording of this call: nobody was connected, or the provider keeps none.',
    es: 'No hay grabación de esta llamada: nadie contestó, o el proveedor no guarda grabaciones.',
  },
  recording_waiting: {
    kind: 'conflict',
    en: 'The recording is being fetched from the voice provider. Ask again in a moment.',
    es: 'La grabación se está trayendo del proveedor de voz. Pídala de nuevo en un momento.',
  },
  recording_lost: {
    kind: 'gone',
    en: 'The recording could not be fetched before the voice provider took it away.',
    es: 'La grabación no se pudo traer antes de que el proveedor de voz la quitara.',
  },
  recording_gone: {
    kind: 'gone',
    en: 'The recording is kept no longer: its time was over, or its person was erased.',
    es: 'La grabación ya no se guarda: terminó su plazo o se eliminó a la persona.',
  },
  recording_address_invalid: {
    kind: 'forbidden',
    en: 'This address is not one of ours, or its five minutes are over. Ask for another one, as for this one.',
    es: 'Esta dirección no es nuestra, o sus cinco minutos terminaron. Pida otra, como se pidió esta.',
  },
  range_outside: {
    kind: 'out_of_range',
    en: 'The recording has {bytes} bytes: Range begins behind its end.',
    es: 'La grabación tiene {bytes} bytes: Range empieza después de su fin.',
  },
  recordings_away: {
    kind: 'unavailable',
    en: 'The store of recordings does not answer. Repeat the request.',
    es: 'El almacén de grabaciones no responde. Repita la solicitud.',
  },

  // Forecasts
  forecast_not_found: {
    kind: 'not_found',
    en: 'There is no such forecast.',
    es: 'No existe ese pronóstico.',
  },
  forecast_busy: {
    kind: 'too_many',
    en: 'Another forecast is being lived: half a minute at most. Ask again.',
    es: 'Se está haciendo otro pronóstico: a lo más medio minuto. Pídalo de nuevo.',
  },
} as const satisfies Readonly<Record<string, Refusal>>;
