import { Row } from './row.tsx';
import { type ControlProps, useValue } from './use-value.ts';

/** Words on one line. */
export function TextField({ node, field }: ControlProps) {
  const [value, change] = useValue(node, field);
  return (
    <Row label={field.label}>
      <input
        aria-label={field.label}
        value={typeof value === 'string' ? value : ''}
        onChange={(event) => change(event.target.value)}
        className="nodrag h-full w-full min-w-0 bg-transparent pr-2.5 text-right outline-none"
      />
    </Row>
  );
}
