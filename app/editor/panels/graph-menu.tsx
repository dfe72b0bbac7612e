import { useQuery } from '@tanstack/react-query';
import { ChevronDown, FilePlus2, FileUp, FolderOpen, Moon, Save, Sparkles, Trash2 } from 'lucide-react';
import { useTheme } from 'next-themes';
import { useRef } from 'react';
import { toast } from 'sonner';
import { writeGraph } from '../../../nodes/graph.ts';
import { api, client, queryClient } from '../api.ts';
import { useFit } from '../canvas/use-fit.ts';
import { currentGraph, useDocument } from '../document/document-store.ts';
import { openNew, openStored } from '../document/graphs.ts';
import { openFile } from '../document/open-file.ts';
import { Menu, MenuItem, MenuLine, MenuTitle } from '../ui/menu.tsx';
import { sentenceOf } from '../words.ts';
import { Mark } from './mark.tsx';

/** Files and saved graphs. */
export function GraphMenu() {
  const chooser = useRef<HTMLInputElement>(null);
  const showAll = useFit();
  const { resolvedTheme, setTheme } = useTheme();
  const shown = (opening: Promise<unknown>) =>
    opening.then(() => showAll()).catch((error: unknown) => toast.error(sentenceOf(error)));
  return (
    <>
      <Menu
        trigger={
          <button
            type="button"
            aria-label="Menu"
            className="flex h-8 shrink-0 items-center gap-1 rounded-lg pr-1 pl-1.5 text-ink-3 hover:bg-field data-[state=open]:bg-field"
          >
            <Mark />
            <ChevronDown className="size-3.5" />
          </button>
        }
      >
        <MenuItem icon={<FilePlus2 />} onSelect={() => shown(openNew('empty'))}>
          New graph
        </MenuItem>
        <MenuItem icon={<Sparkles />} onSelect={() => shown(openNew('starter'))}>
          New portrait
        </MenuItem>
        <MenuLine />
        <MenuItem icon={<FileUp />} onSelect={() => chooser.current?.click()}>
          Open file
        </MenuItem>
        <MenuItem icon={<Save />} onSelect={exportGraph}>
          Export as JSON
        </MenuItem>
        <MenuItem icon={<Moon />} onSelect={() => setTheme(resolvedTheme === 'dark' ? 'light' : 'dark')}>
          {resolvedTheme === 'dark' ? 'Light colours' : 'Dark colours'}
        </MenuItem>
        <MenuLine />
        <SavedGraphs open={(id) => shown(openStored(id))} />
      </Menu>
      <input
        ref={chooser}
        type="file"
        accept=".json,application/json,image/*"
        aria-label="Open file"
        className="hidden"
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          event.target.value = '';
          if (file) shown(openFile(file, { x: 0, y: 0 }));
        }}
      />
    </>
  );
}

function SavedGraphs({ open }: { open: (id: string) => void }) {
  const { data } = useQuery(api.graphs.list.queryOptions(undefined, { staleTime: 0 }));
  const current = useDocument(({ history: { present } }) => present.id);
  const remove = async (id: string) => {
    try {
      await client.graphs.remove.mutate({ id });
      await queryClient.invalidateQueries({ queryKey: api.graphs.list.queryKey() });
    } catch (error) {
      toast.error(sentenceOf(error));
    }
  };
  return (
    <>
      <MenuTitle>Saved graphs</MenuTitle>
      {data?.length === 0 && <p className="px-2.5 pb-2 text-ink-3">None yet. What you draw is saved by itself.</p>}
      {data?.slice(0, 30).map(({ id, name }) => (
        <div key={id} className="group/saved flex items-center">
          <div className="min-w-0 flex-1">
            <MenuItem icon={<FolderOpen />} disabled={id === current} onSelect={() => open(id)}>
              {name || 'Untitled'}
            </MenuItem>
          </div>
          {id !== current && (
            <button
              type="button"
              aria-label={`Delete ${name || 'Untitled'}`}
              onClick={() => remove(id)}
              className="flex size-8 items-center justify-center rounded-lg text-ink-3 opacity-0 group-hover/saved:opacity-100 hover:text-bad focus-visible:opacity-100"
            >
              <Trash2 className="size-3.5" />
            </button>
          )}
        </div>
      ))}
    </>
  );
}

function exportGraph(): void {
  const graph = currentGraph();
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([writeGraph(graph)], { type: 'application/json' }));
  link.download = `${graph.name.replaceAll(/[^\p{L}\p{N} _-]/gu, '-') || 'graph'}.json`;
  link.click();
  URL.revokeObjectURL(link.href);
}
