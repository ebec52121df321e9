#pragma once
#include <simdjson.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace linkspan
{

// Objects and arrays within each other, the outermost counted: Bitbucket's deepest body has 12.
constexpr std::size_t json_depth_max = 32;

// A JSON text (RFC 8259) in UTF-8, taken apart. Of members of one name the first counts. Numbers beyond what
// 64 bits or a double hold are read as the nearest double; in such a text the last of two members counts, and
// an exponent beyond 32 bits is a fault. Costs no memory of its own where a thread reads one document after
// the other.
class json_document
{
public:
    // The text is not needed afterwards.
    explicit json_document(std::string_view text);
    ~json_document();
    json_document(json_document const&) = delete;
    json_document& operator=(json_document const&) = delete;

    // What is wrong with the text, and at which byte; empty where it was read.
    std::string const& fault() const { return fault_; }

    // Of a text that was read. Lives as long as this document.
    simdjson::dom::element root() const { return root_; }

private:
    std::unique_ptr<simdjson::dom::parser> parser_;
    simdjson::dom::element root_;
    std::string fault_;
};

}  // namespace linkspan
