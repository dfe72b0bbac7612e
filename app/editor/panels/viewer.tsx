import { useViewer } from './viewer-store.ts';

export function Viewer() {
  const picture = useViewer((viewer) => viewer.picture);
  return picture ? null : null;
}
