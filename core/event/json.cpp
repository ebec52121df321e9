#include "core/event/json.hpp"

#include "core/event/members.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <concepts>
#include <iterator>
#include <type_traits>

namespace linkspan
{
namespace
{

namespace json = boost::json;
using namespace members;

// --- writing ---

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

// --- reading ---

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

template <class Detail>
event_detail make_detail()
{
    return Detail();
}

struct detail_run
{
    event_kind last;
    event_detail (*make)();
};

// Which detail a kind carries: the last kind of each run that has the same, in the order of the enumeration.
constexpr detail_run detail_runs[] = {
    {event_kind::pull_request_updated, make_detail<std::monostate>},
    {event_kind::pull_request_retargeted, make_detail<text_change>},
    {event_kind::pull_request_reviewers_changed, make_detail<reviewers_change>},
    {event_kind::pull_request_commits_pushed, make_detail<commits_push>},
    {event_kind::pull_request_marked_ready, make_detail<std::monostate>},
    {event_kind::pull_request_changes_request_withdrawn, make_detail<review>},
    {event_kind::pull_request_declined, make_detail<closing>},
    {event_kind::pull_request_deleted, make_detail<std::monostate>},
    {event_kind::comment_reaction_removed, make_detail<comment_detail>},
    {event_kind::task_deleted, make_detail<task_detail>},
    {event_kind::commit_comment_deleted, make_detail<comment_detail>},
    {event_kind::build_stopped, make_detail<build>},
    {event_kind::tag_deleted, make_detail<ref_change>},
    {event_kind::repository_synchronized, make_detail<repository_change>},
    {event_kind::project_updated, make_detail<project_change>},
    {event_kind::issue_commented, make_detail<issue_detail>},
    {event_kind::pipeline_finished, make_detail<pipeline_run>},
    {event_kind::hook_pinged, make_detail<std::monostate>},
};
static_assert(std::end(detail_runs)[-1].last == kind_names.back().kind, "every kind is in a run");

}  // namespace

event_detail empty_detail(event_kind kind)
{
    return std::ranges::lower_bound(detail_runs, kind, {}, &detail_run::last)->make();
}

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
