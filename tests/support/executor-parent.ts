import { fileURLToPath } from 'node:url';
import { createExecutor } from '../../server/executor/supervisor.ts';

/** Holds an executor with the fake child, tells its process id to the test, and then waits to be killed. */
const entry = fileURLToPath(new URL('fake-executor.ts', import.meta.url));
const executor = createExecutor({ dataFolder: '/nowhere', entry });
await executor.warm();
process.send?.(executor.pid);
setInterval(() => undefined, 1000);
