/** Process entry: `node dev/fakes/retell/server.ts`. Settings from the environment: see README.md. */
import { createFakeRetell } from './fake-retell.ts';
import { optionsFromEnv } from './options.ts';
import { personInDatabase } from './people.ts';

const { port, host, options } = optionsFromEnv(process.env);
// People at invented phones know who they are: they are asked for their last digits.
const peopleUrl = process.env['FAKE_RETELL_PEOPLE_URL'];
const people = peopleUrl === undefined || peopleUrl === '' ? {} : { personOf: personInDatabase(peopleUrl) };
const fake = createFakeRetell({ ...options, ...people, log: (line) => console.log(`fake-retell: ${line}`) });
const url = await fake.start(port, host);
console.log(`fake-retell: listening on ${url}`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    fake.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error('fake-retell: did not stop cleanly', error);
        process.exit(1);
      },
    );
  });
}
