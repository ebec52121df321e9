#pragma once
#include "core/base/request_target.hpp"

#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan::test
{

// Judges requests without a body by an OpenAPI 3 document: what a mock server takes in silence, unknown
// parameters of a query among it, is a fault here.
class openapi
{
public:
    // base: what stands before the document's paths in a request: "/2.0". documented_elsewhere: parameters of
    // every operation, which the document leaves to its introduction.
    openapi(
        boost::json::value document, std::string base, std::vector<std::string> documented_elsewhere = {}
    );

    // What is wrong with a request, one text each; none for one that the document describes: the path, the
    // method, not deprecated; each parameter of the query described (as one, or as "?name=" in the
    // operation's own words) and not deprecated, its value one of its enum; the required ones there.
    std::vector<std::string> faults(std::string_view method, std::string_view target) const;

    // "GET /repositories/{workspace}", the operation that a request is one of; empty: none.
    std::string operation(std::string_view method, std::string_view target) const;

    // The members of a partial response ("values.user.uuid") that the schema of the operation's answer does
    // not have; nothing where the document gives no schema.
    std::optional<std::vector<std::string>> unknown_fields(
        std::string_view method, std::string_view target, std::vector<std::string> const& fields
    ) const;

private:
    boost::json::object const* path_item(std::string_view target, std::string* name) const;
    std::string fault_of_parameter(
        query_parameter const& given,
        std::vector<boost::json::object const*> const& known,
        std::string const& words
    ) const;

    bool has_member(boost::json::value const& schema, std::string_view path) const;

    boost::json::value document_;
    std::string base_;
    std::vector<std::string> documented_elsewhere_;
};

}  // namespace linkspan::test
