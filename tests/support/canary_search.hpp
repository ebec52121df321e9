#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan::test
{

// Looks for secrets where none may stand, in the forms in which a program writes things down: as they are,
// escaped for JSON (what must be, the slash too, what HTML minds, everything by number) and for URLs and
// forms (either case of digits), in hexadecimal, and in base64 of both alphabets at each of the three
// alignments. A canary has 8 bytes or more, or chance would find it.
class canary_search
{
public:
    explicit canary_search(std::vector<std::string> const& canaries);

    // "linkspan.db-wal holds ...", of all files below a folder but those that feed the program (*.canary);
    // empty where nothing is found.
    std::string find_below(std::filesystem::path const& folder) const;
    // The form that stands there; empty where none does.
    std::string find_in(std::string_view text) const;

private:
    std::vector<std::string> forms_;
};

// The lines of a PEM file that hold its key, and the key's own bytes as they stand inside: canaries.
std::vector<std::string> canaries_of_pem(std::string const& pem);

}  // namespace linkspan::test
