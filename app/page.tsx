import { EditorPage } from './editor/editor-page.tsx';

/** The editor is the first page: a person lands on a canvas that works. */
export default function Page() {
  return <EditorPage />;
}
