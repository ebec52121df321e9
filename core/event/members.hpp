#pragma once
#include "core/event/event.hpp"

#include <concepts>
#include <string_view>
#include <type_traits>

// What the members of the event model are called, once for writing, reading and the schema: describe(a, v)
// calls a(name, member) for each, in the published order.
namespace linkspan::members
{

template <class T>
struct names_of;  // the published words of an enumeration, in its order

template <>
struct names_of<edition>
{
    static constexpr std::string_view words[] = {"cloud", "data_center"};
};
template <>
struct names_of<event_origin>
{
    static constexpr std::string_view words[] = {"webhook", "poll", "catch_up", "chat"};
};
template <>
struct names_of<person_kind>
{
    static constexpr std::string_view words[] = {"user", "bot", "unknown"};
};
template <>
struct names_of<pull_request_state>
{
    static constexpr std::string_view words[] = {"open", "merged", "declined", "superseded"};
};
template <>
struct names_of<participant_role>
{
    static constexpr std::string_view words[] = {"reviewer", "participant"};
};
template <>
struct names_of<review_state>
{
    static constexpr std::string_view words[] = {"pending", "approved", "changes_requested"};
};
template <>
struct names_of<diff_side>
{
    static constexpr std::string_view words[] = {"old", "new"};
};
template <>
struct names_of<build_state>
{
    static constexpr std::string_view words[] = {"started", "succeeded", "failed", "stopped"};
};

template <>
struct names_of<task_state>
{
    static constexpr std::string_view words[] = {"open", "resolved"};
};

template <class T, class... Others>
concept one_of = (std::same_as<std::remove_const_t<T>, Others> || ...);

template <class A, one_of<person> T>
void describe(A& a, T& v)
{
    a("id", v.id);
    a("name", v.name);
    a("kind", v.kind);
}

template <class A, one_of<repository> T>
void describe(A& a, T& v)
{
    a("id", v.id);
    a("owner", v.owner);
    a("slug", v.slug);
    a("full_name", v.full_name);
    a("name", v.name);
    a("url", v.url);
}

template <class A, one_of<branch_tip> T>
void describe(A& a, T& v)
{
    a("repository", v.repository);
    a("branch", v.branch);
    a("commit", v.commit);
}

template <class A, one_of<participant> T>
void describe(A& a, T& v)
{
    a("id", v.id);
    a("name", v.name);
    a("kind", v.kind);
    a("role", v.role);
    a("state", v.state);
}

template <class A, one_of<pull_request> T>
void describe(A& a, T& v)
{
    a("id", v.id);
    a("title", v.title);
    a("description", v.description);
    a("state", v.state);
    a("draft", v.draft);
    a("source", v.source);
    a("target", v.target);
    a("author", v.author);
    a("participants", v.participants);
    a("comments", v.comments);
    a("tasks", v.tasks);
    a("created_at", v.created_at);
    a("updated_at", v.updated_at);
    a("url", v.url);
}

template <class A, one_of<commit> T>
void describe(A& a, T& v)
{
    a("hash", v.hash);
    a("message", v.message);
    a("author", v.author);
}

template <class A, one_of<text_change> T>
void describe(A& a, T& v)
{
    a("old", v.before);
    a("new", v.after);
}

template <class A, one_of<reviewers_change> T>
void describe(A& a, T& v)
{
    a("added", v.added);
    a("removed", v.removed);
}

template <class A, one_of<commits_push> T>
void describe(A& a, T& v)
{
    a("old", v.before);
    a("new", v.after);
    a("forced", v.forced);
    a("truncated", v.truncated);
    a("commits", v.commits);
}

template <class A, one_of<review> T>
void describe(A& a, T& v)
{
    a("reviewer", v.reviewer);
}

template <class A, one_of<closing> T>
void describe(A& a, T& v)
{
    a("commit", v.commit);
    a("reason", v.reason);
}

template <class A, one_of<inline_anchor> T>
void describe(A& a, T& v)
{
    a("path", v.path);
    a("side", v.side);
    a("from", v.from);
    a("to", v.to);
}

template <class A, one_of<suggestion> T>
void describe(A& a, T& v)
{
    a("text", v.text);
    a("from", v.from);
    a("to", v.to);
}

template <class A, one_of<attachment> T>
void describe(A& a, T& v)
{
    a("name", v.name);
    a("url", v.url);
}

template <class A, one_of<comment> T>
void describe(A& a, T& v)
{
    a("id", v.id);
    a("parent", v.parent);
    a("text", v.text);
    a("author", v.author);
    a("inline", v.anchor);
    a("suggestions", v.suggestions);
    a("attachments", v.attachments);
    a("resolved", v.resolved);
    a("created_at", v.created_at);
    a("updated_at", v.updated_at);
    a("url", v.url);
}

template <class A, one_of<comment_detail> T>
void describe(A& a, T& v)
{
    a("comment", v.comment);
    a("previous_text", v.previous_text);
    a("reaction", v.reaction);
    a("commit", v.commit);
}

template <class A, one_of<task> T>
void describe(A& a, T& v)
{
    a("id", v.id);
    a("text", v.text);
    a("state", v.state);
    a("creator", v.creator);
    a("comment", v.comment);
}

template <class A, one_of<task_detail> T>
void describe(A& a, T& v)
{
    a("task", v.task);
}

template <class A, one_of<build> T>
void describe(A& a, T& v)
{
    a("commit", v.commit);
    a("key", v.key);
    a("name", v.name);
    a("description", v.description);
    a("url", v.url);
    a("state", v.state);
    a("previous", v.previous);
    a("branch", v.branch);
    a("pull_requests", v.pull_requests);
    a("outdated", v.outdated);
}

template <class A, one_of<ref_change> T>
void describe(A& a, T& v)
{
    a("name", v.name);
    a("old", v.before);
    a("new", v.after);
    a("forced", v.forced);
    a("truncated", v.truncated);
    a("commits", v.commits);
}

template <class A, one_of<repository_change> T>
void describe(A& a, T& v)
{
    a("old", v.before);
    a("new", v.after);
    a("fork", v.fork);
    a("fields", v.fields);
    a("locations", v.locations);
    a("mirror", v.mirror);
}

template <class A, one_of<project_change> T>
void describe(A& a, T& v)
{
    a("key", v.key);
    a("old", v.before);
    a("new", v.after);
}

template <class A, one_of<issue_detail> T>
void describe(A& a, T& v)
{
    a("id", v.id);
    a("title", v.title);
    a("state", v.state);
    a("comment", v.comment);
    a("url", v.url);
    a("fields", v.fields);
}

template <class A, one_of<pipeline_run> T>
void describe(A& a, T& v)
{
    a("id", v.id);
    a("number", v.number);
    a("result", v.result);
    a("ref", v.ref);
    a("trigger", v.trigger);
}

// All of an event but "detail" and "raw".
template <class A, one_of<event> T>
void describe_head(A& a, T& v)
{
    a("id", v.id.value);
    a("kind", v.kind);
    a("key", v.key);
    a("origin", v.origin);
    a("edition", v.edition);
    a("instance", v.instance);
    a("cause", v.cause);
    a("occurred_at", v.occurred_at);
    a("received_at", v.received_at);
    a("actor", v.actor);
    a("repository", v.repository);
    a("pull_request", v.pull_request);
}

}  // namespace linkspan::members
