import { executorSettings } from './protocol.ts';
import { serve } from './serve.ts';
import { openWorkshop } from './workshop.ts';

/** The executor process: started by `createExecutor` with its settings as the one argument. */
const settings = executorSettings.parse(JSON.parse(process.argv[2] ?? '{}'));
serve(await openWorkshop(settings));
