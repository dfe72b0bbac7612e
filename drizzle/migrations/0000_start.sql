CREATE TABLE "events" (
	"run_id" text NOT NULL,
	"seq" integer NOT NULL,
	"type" text NOT NULL,
	"body" text NOT NULL,
	CONSTRAINT "events_run_id_seq_pk" PRIMARY KEY("run_id","seq")
);
--> statement-breakpoint
CREATE TABLE "graph_revisions" (
	"graph_id" text NOT NULL,
	"revision" integer NOT NULL,
	"document" text NOT NULL,
	"saved_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "graph_revisions_graph_id_revision_pk" PRIMARY KEY("graph_id","revision")
);
--> statement-breakpoint
CREATE TABLE "graphs" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"revision" integer NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "images" (
	"number" serial PRIMARY KEY NOT NULL,
	"file" text NOT NULL,
	"digest" text NOT NULL,
	"width" integer NOT NULL,
	"height" integer NOT NULL,
	"run_id" text NOT NULL,
	"node" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "images_file_unique" UNIQUE("file")
);
--> statement-breakpoint
CREATE TABLE "runs" (
	"id" text PRIMARY KEY NOT NULL,
	"number" serial NOT NULL,
	"name" text NOT NULL,
	"graph_id" text,
	"graph_revision" integer,
	"graph" text NOT NULL,
	"targets" text NOT NULL,
	"seeds" text NOT NULL,
	"priority" text NOT NULL,
	"state" text NOT NULL,
	"attempt" integer DEFAULT 1 NOT NULL,
	"idempotency_key" text,
	"worker" text,
	"lease_at" timestamp (3) with time zone,
	"stop_requested" boolean DEFAULT false NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone,
	"error" text,
	CONSTRAINT "runs_number_unique" UNIQUE("number"),
	CONSTRAINT "runs_idempotency_key_unique" UNIQUE("idempotency_key")
);
--> statement-breakpoint
ALTER TABLE "events" ADD CONSTRAINT "events_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."runs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "graph_revisions" ADD CONSTRAINT "graph_revisions_graph_id_graphs_id_fk" FOREIGN KEY ("graph_id") REFERENCES "public"."graphs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "graphs_by_time" ON "graphs" USING btree ("updated_at");--> statement-breakpoint
CREATE INDEX "images_by_run" ON "images" USING btree ("run_id");--> statement-breakpoint
CREATE INDEX "images_by_digest" ON "images" USING btree ("digest");--> statement-breakpoint
CREATE INDEX "runs_by_state" ON "runs" USING btree ("state","number");--> statement-breakpoint
CREATE INDEX "runs_by_graph" ON "runs" USING btree ("graph_id");