namespace Rmt.Service;

/// <summary>The tables, and the steps from each version to the next. A store of version n is opened by running the steps from n on, in one transaction.</summary>
internal static class StoreSchema
{
    /// <summary>SQLite's application_id of a store: other databases are refused.</summary>
    public const int ApplicationId = 0x524D5453;   // "RMTS"

    /// <summary>The version that this build writes.</summary>
    public static int Version => Steps.Length;

    /// <summary>Step n makes version n + 1 of version n. A step that was released is never changed: add another.</summary>
    public static IReadOnlyList<string> StepsFrom(int version) => Steps[version..];

    private static readonly string[] Steps =
    [
        """
        create table store (only integer primary key check (only = 1), seconds real not null, ticks integer not null) strict;
        create table owners (id text primary key, beat integer not null) strict;
        create table models (hash text primary key, name text not null, labels text not null, every_segment integer not null) strict;
        create table documents (
            seq integer primary key autoincrement,
            id text not null unique,
            kind integer not null,
            status integer not null,
            model text not null,
            model_hash text,
            max_tokens integer,
            truncate text,
            bytes integer not null,
            length_class integer not null,
            owner text,
            fence integer not null default 0,
            attempts integer not null default 0,
            strikes integer not null default 0,
            trying integer not null default 0,
            alone integer not null default 0,
            run integer not null default 0,
            next_segment integer not null default 0,
            tokens_total integer,
            tokens_read integer,
            segments integer,
            error text,
            traceparent text,
            queued_at real not null,
            started_at real,
            finished_at real) strict;
        create index documents_waiting on documents (status, length_class, seq);
        create index documents_owned on documents (owner) where owner is not null;
        create index documents_finished on documents (finished_at) where finished_at is not null;
        create table parts (document integer not null references documents (seq) on delete cascade, part integer not null,
            size integer not null, hash blob not null, bytes blob, primary key (document, part)) strict;
        create table memories (document integer primary key references documents (seq) on delete cascade, memory blob not null) strict;
        create table readings (document integer not null references documents (seq) on delete cascade, segment integer not null,
            scores blob not null, primary key (document, segment)) strict, without rowid;
        create table streams (document integer primary key references documents (seq) on delete cascade, ended integer not null default 0,
            next_part integer not null default 0, feed_until integer not null default 0, feed_read integer not null default 0,
            pending blob not null, tail blob not null, touched_at real not null) strict;
        create table keys (key text primary key, fingerprint blob not null, document text not null, made_at real not null) strict;
        create table files (path text not null, size integer not null, changed integer not null, document text not null,
            written integer not null default 0, primary key (path, size, changed)) strict;
        """,
        // Lists by status: of a hundred thousand finished documents, the last twenty took 0.4 s, and a page asks every two.
        "create index documents_listed on documents (kind, status, seq);",
    ];
}
