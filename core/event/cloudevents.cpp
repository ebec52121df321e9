#include "core/event/cloudevents.hpp"

#include "core/event/json.hpp"
#include "core/event/schema.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/grammar/lut_chars.hpp>
#include <boost/url/rfc/pchars.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

namespace linkspan
{
namespace
{

namespace urls = boost::urls;

constexpr std::string_view type_prefix = "dev.linkspan.";

// "acme/api" and "feature/x" keep their slashes.
std::string as_path(std::string_view text)
{
    return urls::encode(text, urls::pchars + '/');
}

std::string numbered(std::string_view what, std::int64_t number)
{
    return std::string(what) + "/" + std::to_string(number);
}

// The subjects of details, each within the repository.
std::string part_of(event const&, std::monostate const&)
{
    return {};
}
template <class Detail>
std::string part_of(event const& happening, Detail const&)
{
    return part_of(happening, std::monostate());
}
std::string part_of(event const&, comment_detail const& said)
{
    auto const comment = numbered("comments", said.comment.id);
    return said.commit ? "commits/" + as_path(*said.commit) + "/" + comment : comment;
}
std::string part_of(event const&, task_detail const& about)
{
    return numbered("tasks", about.task.id);
}
std::string part_of(event const&, build const& run)
{
    return "commits/" + as_path(run.commit);
}
std::string part_of(event const& happening, ref_change const& change)
{
    bool const is_tag = name_of(happening.kind).starts_with("tag.");
    return (is_tag ? "refs/tags/" : "refs/heads/") + as_path(change.name);
}
std::string part_of(event const&, project_change const& change)
{
    return change.key ? "projects/" + as_path(*change.key) : std::string();
}
std::string part_of(event const&, issue_detail const& about)
{
    return numbered("issues", about.id);
}
std::string part_of(event const&, pipeline_run const& run)
{
    if (run.number)
        return numbered("pipelines", *run.number);
    return run.id ? "pipelines/" + as_path(*run.id) : std::string();
}

std::string subject_path(event const& happening)
{
    std::string out;
    if (happening.pull_request)
        out = numbered("pull-requests", happening.pull_request->id);
    auto const part =
        std::visit([&happening](auto const& detail) { return part_of(happening, detail); }, happening.detail);
    if (!part.empty())
        out += (out.empty() ? "" : "/") + part;
    return out;
}

}  // namespace

std::string cloudevent_type(event_kind kind)
{
    return std::string(type_prefix) + std::string(name_of(kind));
}

std::string instance_uri(event const& happening)
{
    static constexpr urls::grammar::lut_chars reserved(":/?#[]@!$&'()*+,;=");
    auto out = urls::encode(happening.instance, urls::unreserved_chars + reserved);
    while (out.ends_with('/'))
        out.pop_back();
    return out.find(':') == out.npos ? "https://" + out : out;
}

std::string source_uri(event const& happening)
{
    auto out = instance_uri(happening);
    if (happening.repository)
    {
        auto const& about = *happening.repository;
        out += "/" + as_path(about.full_name.empty() ? about.id : about.full_name);
    }
    return out;
}

boost::json::object to_cloudevent(event const& happening)
{
    boost::json::object out;
    out["specversion"] = "1.0";
    out["id"] = happening.id.value;
    out["source"] = source_uri(happening);
    out["type"] = cloudevent_type(happening.kind);
    if (auto const subject = subject_path(happening); !subject.empty())
        out["subject"] = subject;
    out["time"] = to_rfc3339(happening.occurred_at);
    out["datacontenttype"] = "application/json";
    out["dataschema"] = event_schema_uri;
    out["data"] = to_json(happening);
    return out;
}

}  // namespace linkspan
