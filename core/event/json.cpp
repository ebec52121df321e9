#include "core/event/json.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <concepts>
#include <type_traits>

namespace linkspan
{
namespace
{

namespace json = boost::json;

// --- what the members are, once for writing and reading
// -------------------------------------------------------------

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

template <class A, one_of<comment> T>
void describe(A& a, T& v)
{
    a("id", v.id);
    a("parent", v.parent);
    a("text", v.text);
    a("author", v.author);
    a("inline", v.anchor);
    a("suggestions", v.suggestions);
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
}

template <class A, one_of<pipeline_run> T>
void describe(A& a, T& v)
{
    a("id", v.id);
    a("number", v.number);
    a("result", v.result);
    a("ref", v.ref);
}

// --- writing
// ----------------------------------------------------------------------------------------------------

class object_writer
{
public:
    explicit object_writer(json::object& out) : out_(out) {}

    template <class T>
    void operator()(std::string_view name, T const& value)
    {
        out_.emplace(name, write(value));
    }

    template <class T>
    void operator()(std::string_view name, std::optional<T> const& value)
    {
        if (value)
            out_.emplace(name, write(*value));
    }

private:
    template <class T>
    static json::value write(T const& value)
    {
        if constexpr (std::same_as<T, std::string>)
            return json::string(value);
        else if constexpr (std::same_as<T, time_point>)
            return json::string(to_rfc3339(value));
        else if constexpr (std::same_as<T, event_kind>)
            return json::string(name_of(value));
        else if constexpr (std::is_enum_v<T>)
            return json::string(names_of<T>::words[static_cast<std::size_t>(value)]);
        else if constexpr (std::same_as<T, bool>)
            return value;
        else if constexpr (std::integral<T>)
            return std::int64_t(value);
        else
        {
            json::object object;
            object_writer writer(object);
            describe(writer, value);
            return object;
        }
    }

    template <class T>
    static json::value write(std::vector<T> const& values)
    {
        json::array array;
        array.reserve(values.size());
        for (auto const& value : values)
            array.push_back(write(value));
        return array;
    }

    json::object& out_;
};

// --- reading
// ----------------------------------------------------------------------------------------------------

class object_reader
{
public:
    object_reader(json::object const& in, std::string path, std::string& fault)
        : in_(in), path_(std::move(path)), fault_(fault)
    {
    }

    template <class T>
    void operator()(std::string_view name, T& value)
    {
        if (auto const* found = in_.if_contains(name); found != nullptr && !found->is_null())
            read(*found, value, path_ + "/" + std::string(name));
    }

    template <class T>
    void operator()(std::string_view name, std::optional<T>& value)
    {
        if (auto const* found = in_.if_contains(name); found != nullptr && !found->is_null())
            read(*found, value.emplace(), path_ + "/" + std::string(name));
    }

private:
    void fail(std::string const& path, std::string_view expected)
    {
        if (fault_.empty())
            fault_ = path + ": expected " + std::string(expected);
    }

    template <class T>
    void read(json::value const& in, T& value, std::string const& path)
    {
        if constexpr (std::same_as<T, std::string>)
            in.is_string() ? void(value = in.get_string()) : fail(path, "a string");
        else if constexpr (std::same_as<T, time_point>)
        {
            auto const parsed = in.is_string() ? parse_time(in.get_string()) : std::nullopt;
            parsed ? void(value = *parsed) : fail(path, "an RFC 3339 time");
        }
        else if constexpr (std::same_as<T, event_kind>)
        {
            auto const kind = in.is_string() ? kind_named(in.get_string()) : std::nullopt;
            kind ? void(value = *kind) : fail(path, "a kind of event");
        }
        else if constexpr (std::is_enum_v<T>)
            read_word(in, value, path);
        else if constexpr (std::same_as<T, bool>)
            in.is_bool() ? void(value = in.get_bool()) : fail(path, "true or false");
        else if constexpr (std::integral<T>)
            in.is_int64() ? void(value = in.get_int64()) : fail(path, "an integer");
        else if (!in.is_object())
            fail(path, "an object");
        else
        {
            object_reader reader(in.get_object(), path, fault_);
            describe(reader, value);
        }
    }

    template <class T>
    void read(json::value const& in, std::vector<T>& values, std::string const& path)
    {
        if (!in.is_array())
            return fail(path, "an array");
        for (auto const& element : in.get_array())
        {
            auto const here = path + "/" + std::to_string(values.size());
            read(element, values.emplace_back(), here);
        }
    }

    template <class T>
    void read_word(json::value const& in, T& value, std::string const& path)
    {
        std::size_t index = 0;
        for (auto const word : names_of<T>::words)
        {
            if (in.is_string() && in.get_string() == word)
            {
                value = static_cast<T>(index);
                return;
            }
            ++index;
        }
        fail(path, "one of its words");
    }

    json::object const& in_;
    std::string path_;
    std::string& fault_;
};

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

// Which detail a kind carries. A new kind without a case does not compile (-Wswitch-enum).
event_detail empty_detail(event_kind kind)
{
    switch (kind)
    {
        case event_kind::pull_request_opened:
        case event_kind::pull_request_updated:
        case event_kind::pull_request_marked_draft:
        case event_kind::pull_request_marked_ready:
        case event_kind::pull_request_reopened:
        case event_kind::pull_request_deleted:
        case event_kind::hook_pinged:
            return std::monostate();
        case event_kind::pull_request_title_changed:
        case event_kind::pull_request_description_changed:
        case event_kind::pull_request_retargeted:
            return text_change();
        case event_kind::pull_request_reviewers_changed:
            return reviewers_change();
        case event_kind::pull_request_commits_pushed:
            return commits_push();
        case event_kind::pull_request_approved:
        case event_kind::pull_request_approval_withdrawn:
        case event_kind::pull_request_changes_requested:
        case event_kind::pull_request_changes_request_withdrawn:
            return review();
        case event_kind::pull_request_merged:
        case event_kind::pull_request_declined:
            return closing();
        case event_kind::comment_added:
        case event_kind::comment_edited:
        case event_kind::comment_deleted:
        case event_kind::comment_resolved:
        case event_kind::comment_reopened:
        case event_kind::comment_reaction_added:
        case event_kind::comment_reaction_removed:
        case event_kind::commit_commented:
        case event_kind::commit_comment_edited:
        case event_kind::commit_comment_deleted:
            return comment_detail();
        case event_kind::task_added:
        case event_kind::task_edited:
        case event_kind::task_resolved:
        case event_kind::task_reopened:
        case event_kind::task_deleted:
            return task_detail();
        case event_kind::build_started:
        case event_kind::build_succeeded:
        case event_kind::build_failed:
        case event_kind::build_stopped:
            return build();
        case event_kind::branch_created:
        case event_kind::branch_updated:
        case event_kind::branch_deleted:
        case event_kind::tag_created:
        case event_kind::tag_updated:
        case event_kind::tag_deleted:
            return ref_change();
        case event_kind::repository_created:
        case event_kind::repository_updated:
        case event_kind::repository_renamed:
        case event_kind::repository_transferred:
        case event_kind::repository_forked:
        case event_kind::repository_imported:
        case event_kind::repository_deleted:
        case event_kind::repository_secret_detected:
        case event_kind::repository_synchronized:
            return repository_change();
        case event_kind::project_updated:
            return project_change();
        case event_kind::issue_opened:
        case event_kind::issue_updated:
        case event_kind::issue_commented:
            return issue_detail();
        case event_kind::pipeline_finished:
            return pipeline_run();
    }
    return std::monostate();
}

}  // namespace

json::object to_json(event const& happening)
{
    json::object out;
    object_writer writer(out);
    describe_head(writer, happening);
    std::visit(
        [&out](auto const& detail)
        {
            if constexpr (!std::same_as<std::remove_cvref_t<decltype(detail)>, std::monostate>)
            {
                json::object object;
                object_writer detail_writer(object);
                describe(detail_writer, detail);
                out.emplace("detail", std::move(object));
            }
        },
        happening.detail
    );
    if (happening.raw.value != 0)
        out.emplace("raw", json::object{{"delivery", happening.raw.value}});
    return out;
}

std::string to_json_text(event const& happening)
{
    return json::serialize(to_json(happening));
}

result<event> event_from_json(std::string_view text)
{
    boost::system::error_code failure;
    auto const value = json::parse(text, failure);
    if (failure || !value.is_object())
        return error(errc::invalid, "event: not a JSON object");
    auto const& object = value.get_object();
    for (char const* required : {"id", "kind", "key"})
        if (!object.contains(required))
            return error(errc::invalid, std::string("event: /") + required + " is missing");

    event happening;
    std::string fault;
    object_reader reader(object, "", fault);
    describe_head(reader, happening);
    happening.detail = empty_detail(happening.kind);
    if (auto const* found = object.if_contains("detail"))
    {
        if (!found->is_object())
            return error(errc::invalid, "event: /detail: expected an object");
        object_reader detail_reader(found->get_object(), "/detail", fault);
        std::visit(
            [&detail_reader](auto& detail)
            {
                if constexpr (!std::same_as<std::remove_cvref_t<decltype(detail)>, std::monostate>)
                    describe(detail_reader, detail);
            },
            happening.detail
        );
    }
    if (auto const* raw = object.if_contains("raw"); raw != nullptr && raw->is_object())
    {
        object_reader raw_reader(raw->get_object(), "/raw", fault);
        raw_reader("delivery", happening.raw.value);
    }
    if (!fault.empty())
        return error(errc::invalid, "event: " + fault);
    return happening;
}

json::object to_json(pull_request const& state)
{
    json::object out;
    object_writer writer(out);
    describe(writer, state);
    return out;
}

result<pull_request> pull_request_from_json(json::object const& object)
{
    pull_request state;
    std::string fault;
    object_reader reader(object, "", fault);
    describe(reader, state);
    if (!fault.empty())
        return error(errc::invalid, "pull request: " + fault);
    return state;
}

}  // namespace linkspan
