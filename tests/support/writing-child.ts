import { fakeMachine, graphOf, run } from './machine.ts';

/** Computes and stores without end in the folder it is given, and says the name of each result that it called finished. */
const [folder = ''] = process.argv.slice(2);
const { machine } = fakeMachine({ folder });
for (let shade = 0; ; shade = (shade + 1) % 256) {
  const number = ['number', { value: shade + Math.random() }] as const;
  await run(graphOf({ p: ['painted', { shade }], n: number }), machine, {
    hear(event) {
      if (event.type === 'node-end' && event.node === 'p') process.stdout.write(`${shade}\n`);
    },
  });
}
