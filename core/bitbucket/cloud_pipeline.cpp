#include "core/bitbucket/cloud_readers.hpp"

#include <charconv>
#include <initializer_list>

// OpenTelemetry's JSON form (opentelemetry.io, "OTLP/HTTP", JSON Protobuf Encoding): 64-bit integers may be
// texts, attributes are a list of keys and typed values. Bitbucket sends spans bbc.pipeline_run, bbc.step,
// bbc.command and bbc.container; the first of them stands for a whole run and comes when it has ended.
namespace linkspan::cloud
{
namespace
{

constexpr std::string_view run_span = "bbc.pipeline_run";

// Twice what Bitbucket takes. Every run of a body repeats its resource's.
constexpr std::size_t repository_name_bytes_max = 500;

std::optional<std::string> attribute(json_reader const& of, std::string_view key)
{
    for (auto const& one : of.elements("attributes"))
        if (one.word("key") == key)
        {
            auto text = one.text("value/stringValue");
            return text ? text : one.text_or_integer("value/intValue");
        }
    return std::nullopt;
}

std::optional<std::string> first_attribute(
    std::initializer_list<json_reader> places, std::initializer_list<std::string_view> keys
)
{
    for (auto const& place : places)
        for (auto const key : keys)
            if (auto found = attribute(place, key); found && !found->empty())
                return found;
    return std::nullopt;
}

std::optional<std::int64_t> number_of(std::optional<std::string> const& text)
{
    std::int64_t number = 0;
    if (!text)
        return std::nullopt;
    auto const [end, failure] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (failure != std::errc() || end != text->data() + text->size())
        return std::nullopt;
    return number;
}

std::optional<time_point> nanoseconds(json_reader const& span, std::string_view member)
{
    auto const text = span.text_or_integer(member);
    if (!text)
        return std::nullopt;
    auto const number = number_of(text);
    if (!number || *number < 0)
    {
        span.fail(member, "expected nanoseconds since 1970");
        return std::nullopt;
    }
    return from_milliseconds(*number / 1'000'000);
}

// Observed: spans name their repository by its uuid, and not by its full name.
std::optional<repository> read_repository_of(json_reader const& from)
{
    auto uuid = first_attribute({from}, {"pipeline.repository.uuid", "repository.uuid"});
    auto full_name = first_attribute({from}, {"pipeline.repository.full_name", "repository.full_name"});
    for (auto* one : {&uuid, &full_name})
        if (*one && (*one)->size() > repository_name_bytes_max)
            one->reset();
    // Elsewhere Bitbucket writes uuids in braces; the same repository needs the same id.
    if (uuid && !uuid->starts_with('{'))
        uuid = "{" + *uuid + "}";
    return repository_of(uuid, full_name);
}

void read_run(json_reader const& span, std::optional<repository> const& resource, reading& out)
{
    pipeline_run detail;
    detail.id = attribute(span, "pipeline_run.uuid");
    if (!detail.id)
        return span.fail("attributes", "pipeline_run.uuid is missing");
    // The number that Bitbucket's pages show; a run's own number counts the repetitions of one pipeline.
    detail.number = number_of(attribute(span, "pipeline.build_number"));
    if (!detail.number)
        detail.number = number_of(attribute(span, "pipeline_run.run_number"));
    detail.result = attribute(span, "pipeline.state.result.name");
    detail.ref = attribute(span, "pipeline.target.ref_name");
    detail.trigger = attribute(span, "pipeline.trigger.name");
    auto& one = add_claim(
        out, event_kind::pipeline_finished, claim_identity::occurrence, nanoseconds(span, "endTimeUnixNano")
    );
    // One body may hold runs of several repositories.
    one.repository = read_repository_of(span);
    if (!one.repository)
        one.repository = resource;
    one.stamp = *detail.id;
    one.detail = std::move(detail);
}

}  // namespace

void read_spans(json_reader const& body, reading& out)
{
    if (!body.has("resourceSpans"))
        body.fail("resourceSpans", "is missing");
    for (auto const& sent : body.elements("resourceSpans"))
    {
        // Once: a hostile body has thousands of spans beside thousands of attributes.
        auto const resource = read_repository_of(sent.child("resource"));
        for (auto const& scope : sent.elements("scopeSpans"))
            for (auto const& span : scope.elements("spans"))
                if (span.word("name") == run_span)
                    read_run(span, resource, out);
    }
}

}  // namespace linkspan::cloud
