#include "core/event/schema.hpp"

#include "core/event/json.hpp"
#include "core/event/members.hpp"

#include <boost/json/array.hpp>

#include <type_traits>

namespace linkspan
{
namespace
{

namespace json = boost::json;
using namespace members;

// The names of what stands in "$defs".
template <class T>
constexpr std::string_view definition_name = {};
template <>
constexpr std::string_view definition_name<person> = "person";
template <>
constexpr std::string_view definition_name<participant> = "participant";
template <>
constexpr std::string_view definition_name<repository> = "repository";
template <>
constexpr std::string_view definition_name<branch_tip> = "branch_tip";
template <>
constexpr std::string_view definition_name<pull_request> = "pull_request";
template <>
constexpr std::string_view definition_name<commit> = "commit";
template <>
constexpr std::string_view definition_name<inline_anchor> = "inline_anchor";
template <>
constexpr std::string_view definition_name<suggestion> = "suggestion";
template <>
constexpr std::string_view definition_name<attachment> = "attachment";
template <>
constexpr std::string_view definition_name<comment> = "comment";
template <>
constexpr std::string_view definition_name<task> = "task";
template <>
constexpr std::string_view definition_name<text_change> = "text_change";
template <>
constexpr std::string_view definition_name<reviewers_change> = "reviewers_change";
template <>
constexpr std::string_view definition_name<commits_push> = "commits_push";
template <>
constexpr std::string_view definition_name<review> = "review";
template <>
constexpr std::string_view definition_name<closing> = "closing";
template <>
constexpr std::string_view definition_name<comment_detail> = "comment_detail";
template <>
constexpr std::string_view definition_name<task_detail> = "task_detail";
template <>
constexpr std::string_view definition_name<build> = "build";
template <>
constexpr std::string_view definition_name<ref_change> = "ref_change";
template <>
constexpr std::string_view definition_name<repository_change> = "repository_change";
template <>
constexpr std::string_view definition_name<project_change> = "project_change";
template <>
constexpr std::string_view definition_name<issue_detail> = "issue_detail";
template <>
constexpr std::string_view definition_name<pipeline_run> = "pipeline_run";

json::object text()
{
    return {{"type", "string"}};
}

// The third reader of describe(), beside object_writer and object_reader of json.cpp.
class object_schema
{
public:
    explicit object_schema(json::object& definitions) : definitions_(definitions) {}

    template <class T>
    void operator()(std::string_view name, T const& value)
    {
        properties_.emplace(name, schema_of(value));
        required_.emplace_back(name);
    }

    template <class T>
    void operator()(std::string_view name, std::optional<T> const&)
    {
        properties_.emplace(name, schema_of(T()));
    }

    json::object& properties() { return properties_; }

    json::object take()
    {
        json::object out;
        out["type"] = "object";
        out["properties"] = std::move(properties_);
        if (!required_.empty())
            out["required"] = std::move(required_);
        return out;
    }

    // A reference to the definition, which is made where it is missing.
    template <class T>
    json::object reference_to(T const& value)
    {
        static_assert(!definition_name<T>.empty(), "every object of the model has a name in the schema");
        auto const name = definition_name<T>;
        if (!definitions_.contains(name))
        {
            definitions_.emplace(name, json::object());  // its place, before those that it refers to
            object_schema inner(definitions_);
            describe(inner, value);
            definitions_[name] = inner.take();
        }
        return {{"$ref", "#/$defs/" + std::string(name)}};
    }

private:
    template <class T>
    json::object schema_of(T const& value)
    {
        if constexpr (std::same_as<T, std::string>)
            return text();
        else if constexpr (std::same_as<T, time_point>)
            return {{"type", "string"}, {"format", "date-time"}};
        else if constexpr (std::same_as<T, event_kind>)
        {
            json::array words;
            for (auto const& row : kind_names)
                words.emplace_back(row.name);
            return {{"enum", std::move(words)}};
        }
        else if constexpr (std::is_enum_v<T>)
        {
            json::array words;
            for (auto const word : names_of<T>::words)
                words.emplace_back(word);
            return {{"enum", std::move(words)}};
        }
        else if constexpr (std::same_as<T, bool>)
            return {{"type", "boolean"}};
        else if constexpr (std::integral<T>)
            return {{"type", "integer"}};
        else
            return reference_to(value);
    }

    template <class T>
    json::object schema_of(std::vector<T> const&)
    {
        return {{"type", "array"}, {"items", schema_of(T())}};
    }

    json::object& definitions_;
    json::object properties_;
    json::array required_;
};

// {"if": {the kind is one of these}, "then": {the detail is that}}
json::object rule_of(json::array kinds, json::object detail)
{
    json::object kind{{"enum", std::move(kinds)}};
    json::object condition{
        {"properties", json::object{{"kind", std::move(kind)}}}, {"required", json::array{"kind"}}};
    json::object consequence{
        {"properties", json::object{{"detail", std::move(detail)}}}, {"required", json::array{"detail"}}};
    return {{"if", std::move(condition)}, {"then", std::move(consequence)}};
}

// One rule for each run of kinds that carry the same detail.
json::array detail_rules(object_schema& schema)
{
    json::array rules;
    for (std::size_t i = 0; i < kind_names.size();)
    {
        auto const detail = empty_detail(kind_names[i].kind);
        json::array kinds;
        for (; i < kind_names.size() && empty_detail(kind_names[i].kind).index() == detail.index(); ++i)
            kinds.emplace_back(kind_names[i].name);
        std::visit(
            [&](auto const& value)
            {
                if constexpr (!std::same_as<std::remove_cvref_t<decltype(value)>, std::monostate>)
                    rules.push_back(rule_of(std::move(kinds), schema.reference_to(value)));
            },
            detail
        );
    }
    return rules;
}

}  // namespace

json::object event_schema()
{
    json::object definitions;
    object_schema schema(definitions);
    event const example = {};
    describe_head(schema, example);
    auto& properties = schema.properties();
    properties["id"] = json::object{{"type", "string"}, {"format", "uuid"}};
    properties["detail"] = json::object{{"type", "object"}};
    properties["raw"] = json::object{
        {"type", "object"},
        {"properties", json::object{{"delivery", json::object{{"type", "integer"}}}}},
        {"required", json::array{"delivery"}}};
    auto rules = detail_rules(schema);

    json::object out;
    out["$schema"] = "https://json-schema.org/draft/2020-12/schema";
    out["$id"] = event_schema_uri;
    out["title"] = "An event of Linkspan";
    for (auto& [name, value] : schema.take())
        out[name] = std::move(value);
    out["allOf"] = std::move(rules);
    out["$defs"] = std::move(definitions);
    return out;
}

}  // namespace linkspan
